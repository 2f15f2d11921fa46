using KdNotebooks.Aligners;

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

    // For losses that compare maps of any channels; whether the loss can is asked where a connection is built.
    [Fact]
    public void Unequal_channels_are_left_to_the_loss()
    {
        using var scope = torch.NewDisposeScope();
        Assert.Equal([2, 3, 4, 4], new Identity().Build(3, 5).call(Wave.Of([2, 3, 4, 4])).shape);
    }

    [Fact]
    public void Its_name_is_identity() => Assert.Equal("identity", new Identity().Name);
}
