using KdNotebooks.Ops;

namespace KdNotebooks.Tests.Ops;

public sealed class FrozenBatchNorm2dTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();
    private readonly FrozenBatchNorm2d norm = new(3);
    private readonly Tensor images = Wave.Single(2, 3, 2, 2);

    public FrozenBatchNorm2dTests()
    {
        string[] names = ["weight", "bias", "running_mean", "running_var"];
        foreach (var (name, k) in names.Select((name, k) => (name, k)))
        {
            norm.get_buffer(name)!.copy_(Wave.Of([3], 1.7, 0.3 + k, 0.5) + (name == "running_var" ? 1 : 0));
        }
    }

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Values_are_torchvisions_with_an_epsilon_and_without()
    {
        OpsGolden.Near(OpsGolden.Part("norms").GetProperty("usual"), norm.call(images));
        norm.Epsilon = 0;
        OpsGolden.Near(OpsGolden.Part("norms").GetProperty("none"), norm.call(images));
    }

    [Fact]
    public void Nothing_of_it_changes_or_learns()
    {
        var first = norm.call(images);
        norm.train();
        TensorAssert.Same(first, norm.call(images));
        TensorAssert.Same(first, norm.call(images));
        Assert.Empty(norm.parameters());
        Assert.Equal(["bias", "running_mean", "running_var", "weight"], norm.state_dict().Keys.Order());
    }

    [Fact]
    public void A_gradient_passes()
    {
        var leaf = images.clone().requires_grad_(true);
        norm.call(leaf).sum().backward();
        var factor = norm.get_buffer("weight")! / (norm.get_buffer("running_var")! + 1e-5).sqrt();
        TensorAssert.Near(factor.view(1, 3, 1, 1).expand(2, 3, 2, 2), leaf.grad!, 1e-5);
    }

    [Fact]
    public void Another_precision_takes_all_of_it()
    {
        var wide = norm.call(images).to(torch.float64);
        norm.to(torch.float64);
        TensorAssert.Near(wide, norm.call(images.to(torch.float64)), 1e-6);
    }
}
