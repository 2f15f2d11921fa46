using KdNotebooks.Models;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Models;

// What heads compute is compared in SegmentationModelTests, with torchvision's numbers and with functional calls.
public sealed class HeadTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void A_head_keeps_the_maps_size_and_gives_logits()
    {
        var map = Wave.Single(2, 24, 9, 7);
        Assert.Equal([2, 3, 9, 7], new FcnHead(24, 3).call(map).shape);
        Assert.Equal([2, 3, 9, 7], new DeepLabHead(24, 3, 8).call(map).shape);
        Assert.Equal([2, 3, 9, 7], new PspHead(24, 3).call(map).shape);
    }

    [Fact]
    public void Inner_widths_are_a_quarter_of_the_inputs_unless_named()
    {
        Assert.Equal([6, 24, 3, 3], new FcnHead(24, 3).state_dict()["0.weight"].shape);
        Assert.Equal([5, 24, 3, 3], new FcnHead(24, 3, 5).state_dict()["0.weight"].shape);
        Assert.Equal([6, 48, 3, 3], new PspHead(24, 3).state_dict()["bottleneck.conv.weight"].shape);
        Assert.Equal([8, 32, 1, 1], new DeepLabHead(24, 3, 8, [6, 12]).state_dict()["0.project.0.weight"].shape);
    }

    [Fact]
    public void Rates_and_bins_below_1_are_refused()
    {
        Assert.Contains("rates are [0]", Assert.Throws<KdException>(() => new DeepLabHead(8, 3, 8, [0])).Message);
        Assert.Contains("bins are []", Assert.Throws<KdException>(() => new PspHead(8, 3, 8, [])).Message);
    }
}
