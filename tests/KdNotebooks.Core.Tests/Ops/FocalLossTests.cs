using KdNotebooks.Ops;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Ops;

public sealed class FocalLossTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    private static Tensor Hard => (torch.arange(30) % 4).eq(0).to(torch.float32).view(6, 5);

    [Theory]
    [InlineData("usual", 0.25, 2)]
    [InlineData("even", -1, 1.5)]
    [InlineData("soft", 0.6, 2)]
    [InlineData("none", 0.25, 0)]
    public void Values_and_slopes_are_torchvisions(string name, double alpha, double gamma)
    {
        var golden = OpsGolden.Part("focal").GetProperty(name);
        var logits = Wave.Of([6, 5], 0.37, 0.1, 9).to(torch.float32).requires_grad_(true);
        var targets = name == "soft" ? (Wave.Of([6, 5], 0.9, 0.4, 0.5) + 0.5).to(torch.float32) : Hard;
        var each = FocalLoss.Sigmoid(logits, targets, alpha, gamma, nn.Reduction.None);
        OpsGolden.Near(golden.GetProperty("loss"), each);
        FocalLoss.Sigmoid(logits, targets, alpha, gamma).backward();
        OpsGolden.Near(golden.GetProperty("slope"), logits.grad!);
        TensorAssert.Near(each.mean(), FocalLoss.Sigmoid(logits, targets, alpha, gamma, nn.Reduction.Mean), 1e-6);
    }

    [Fact]
    public void So_is_the_sum_of_the_given_logits()
    {
        var logits = KdNotebooks.Tests.Models.TorchvisionGolden.Image(1, 1, 6, 5).view(6, 5);
        var expected = OpsGolden.Given.GetProperty("outputs")
            .GetProperty("sigmoid_focal_loss sum alpha .25 gamma 2").GetDouble();
        Assert.Equal(expected, FocalLoss.Sigmoid(logits, Hard).ToDouble(), 1e-4 * expected);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(0.5)]
    public void Large_logits_stay_finite_and_what_is_learnt_well_keeps_its_digits(double gamma)
    {
        var logits = torch.tensor(new[] { -300f, -30, 30, 300, -30, 30 }).requires_grad_(true);
        var targets = torch.tensor(new[] { 1f, 1, 0, 0, 0, 1 });
        var each = FocalLoss.Sigmoid(logits, targets, 0.25, gamma, nn.Reduction.None);
        each.sum().backward();
        Assert.True(each.isfinite().all().ToBoolean() && logits.grad!.isfinite().all().ToBoolean());
        var wide = FocalLoss.Sigmoid(logits.detach().to(torch.float64), targets, 0.25, gamma, nn.Reduction.None);
        Assert.All(Enumerable.Range(0, 6), i => Assert.Equal(1, each[i].ToDouble() / wide[i].ToDouble(), 1e-4));
    }

    [Fact]
    public void The_gradient_is_the_slope() => Slopes.Check(
        Wave.Of([6, 5], 0.37, 0.1, 3), moved => FocalLoss.Sigmoid(moved, Hard.to(torch.float64)));

    [Fact]
    public void Targets_of_another_shape_are_refused() => Assert.Contains(
        "got [5, 6]", Assert.Throws<KdException>(() =>
            FocalLoss.Sigmoid(torch.zeros(6, 5), torch.zeros(5, 6))).Message);

    // TorchSharp's own is torchvision's, so that there is none of ours.
    [Fact]
    public void Smooth_L1_is_there_already()
    {
        var golden = OpsGolden.Part("pairs");
        var offsets = golden.GetProperty("offsets").Tensor(7, 8);
        var loss = nn.functional.smooth_l1_loss(
            offsets, torch.zeros_like(offsets), nn.Reduction.Sum, golden.GetProperty("smooth_l1_by").GetDouble());
        Assert.Equal(golden.GetProperty("smooth_l1").GetDouble(), loss.ToDouble(), 1e-3);
    }
}
