using KdNotebooks.Models;

namespace KdNotebooks.Tests.Models;

public sealed class HeadDropoutTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void What_is_kept_grows_so_that_the_mean_stays()
    {
        var map = torch.ones(4, 32, 16, 16);
        var dropped = HeadDropout.Apply(map, 0.25, training: true);
        Assert.Equal(0.75, dropped.ne(0).to(torch.float64).mean().ToDouble(), 0.02);
        Assert.Equal(1 / 0.75, dropped.max().ToDouble(), 1e-6);
        TensorAssert.Same(map, HeadDropout.Apply(map, 0.25, training: false));
        TensorAssert.Same(map, HeadDropout.Apply(map, 0, training: true));
    }

    [Fact]
    public void Channels_are_dropped_whole()
    {
        var dropped = HeadDropout.Apply(torch.ones(4, 256, 3, 3), 0.5, training: true, channels: true);
        var means = dropped.mean([2, 3]).flatten().data<float>().ToArray();
        Assert.All(means, mean => Assert.True(mean is 0 or 2));
        Assert.InRange(means.Count(mean => mean == 0), 420, 604);
    }
}
