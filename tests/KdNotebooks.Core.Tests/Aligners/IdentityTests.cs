using KdNotebooks.Aligners;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Aligners;

public sealed class IdentityTests
{
    [Fact]
    public void The_map_comes_back_as_it_is()
    {
        using var scope = torch.NewDisposeScope();
        var (module, map) = (new Identity().Build(3, 3), Wave.Of([2, 3, 4, 4]).requires_grad_(true));
        Assert.Empty(module.parameters());
        var output = module.call(map);
        TensorAssert.Same(map, output);
        output.sum().backward();
        TensorAssert.Same(torch.ones_like(map), map.grad!);
    }

    [Fact]
    public void Unequal_channels_are_refused_with_both()
    {
        var error = Assert.Throws<KdException>(() => new Identity().Build(3, 5));
        Assert.Contains("the student has 3 channels, the teacher 5", error.Message);
        Assert.Contains("Use Linear or ChannelMlp", error.Message);
    }

    [Fact]
    public void Its_name_is_identity() => Assert.Equal("identity", new Identity().Name);
}
