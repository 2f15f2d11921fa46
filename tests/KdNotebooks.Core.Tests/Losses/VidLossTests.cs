using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;

namespace KdNotebooks.Tests.Losses;

public sealed class VidLossTests : IDisposable
{
    private static readonly FeatureShape Map = new(6, 5, 5);

    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(5, 4, 6, 5, 5)]
    [InlineData(0.25, 1, 2, 3, 7)]
    public void Before_training_it_is_the_likelihood_with_one_variance(double variance, long n, long c, long h, long w)
    {
        var (student, teacher) = (Wave.Of([n, c, h, w]), Wave.Of([n, c, h, w], 0.9));
        var (ours, theirs) = (Plain.Map(student), Plain.Map(teacher));
        var expected = Plain.Places(student).Average(at =>
            ((Math.Pow(ours[at.N, at.C, at.Y, at.X] - theirs[at.N, at.C, at.Y, at.X], 2) / variance)
            + Math.Log(variance)) / 2);
        Assert.Equal(expected, new VidLoss(variance).Compute(student, teacher).ToDouble(), 1e-13);
    }

    // Variances 1 and 4, squared differences 4 and 4: (4 + 0) / 2 and (1 + log 4) / 2.
    [Fact]
    public void Each_channel_has_its_own_variance()
    {
        using var built = new VidLoss().Build(new(2, 1, 2), new(2, 1, 2), null);
        using (torch.no_grad())
        {
            built.get_parameter("rho")!.copy_(torch.tensor(new[] { 1 - 1e-5, 4 - 1e-5 }).expm1().log());
        }

        var value = built.call(torch.full([3, 2, 1, 2], 2.0), torch.zeros(3, 2, 1, 2)).ToDouble();
        Assert.Equal((2 + ((1 + Math.Log(4)) / 2)) / 2, value, 1e-6);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(0.25)]
    public void It_holds_what_every_loss_holds(double variance)
    {
        var loss = new VidLoss(variance);
        using var built = loss.Build(Map, Map, null);
        LossChecks.HoldsForMaps(loss.Compute);
        LossChecks.HoldsForMaps(built.call);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(0.001)]
    [InlineData(1.01e-5)] // next to the smallest
    [InlineData(2000)] // e^2000 is no number
    public void As_built_it_starts_with_the_variance_of_Compute(double variance)
    {
        var (loss, student, teacher) =
            (new VidLoss(variance), Golden.StudentMap(), Golden.TeacherMap());
        using var built = loss.Build(Map, Map, null);
        TensorAssert.Near(loss.Compute(student, teacher), built.call(student, teacher), 1e-6);
    }

    // d/dvar of (m / var + log var) / 2 is 0 at var = m, the mean square of a channel.
    [Fact]
    public void The_best_variance_is_each_channels_mean_squared_difference()
    {
        var (student, teacher) = (Golden.StudentMap(), Golden.TeacherMap());
        using var built = new VidLoss().Build(Map, Map, null);
        var rho = built.get_parameter("rho")!;
        built.call(student, teacher).backward();
        Assert.True(rho.grad!.gt(0).all().item<bool>()); // 5 is above all of them
        rho.grad.zero_();
        using (torch.no_grad())
        {
            rho.copy_(((student - teacher).square().mean([0, 2, 3]) - 1e-5).expm1().log());
        }

        built.call(student, teacher).backward();
        Assert.Equal(0, rho.grad.abs().max().ToDouble(), 1e-6);
    }

    [Fact]
    public void In_a_bridge_its_variances_are_trained_beside_the_aligner()
    {
        var head = new ChannelMlp(Depth: 2, Bias: false);
        using var bridge = new Bridge(
            new Connection("s", "t", head, new VidLoss(), 1), [4, 5, 5], [6, 5, 5]);
        Assert.Contains("criterion.rho", bridge.named_parameters().Select(parameter => parameter.name));
        Assert.Equal(4, bridge.parameters().Count());
        var (student, teacher) = (Wave.Single(2, 4, 5, 5), Wave.Single(2, 6, 5, 5));
        var start = bridge.get_parameter("criterion.rho")!.detach().clone();
        var batch = Batch.Of(torch.zeros(2, 1, 5, 5));
        using var optimizer = torch.optim.SGD(bridge.parameters(), 5);
        var losses = Enumerable.Range(0, 20).Select(_ =>
        {
            optimizer.zero_grad();
            var loss = bridge.Compare(student, teacher, batch);
            loss.backward();
            optimizer.step();
            return loss.ToDouble();
        }).ToList();
        Assert.True(losses[^1] < losses[0] - 0.05, $"from {losses[0]} to {losses[^1]}");
        Assert.True(bridge.get_parameter("criterion.rho")!.lt(start - 0.05).all().item<bool>());
    }

    [Theory]
    [InlineData(1e-5)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_variance_out_of_range_is_refused(double variance)
    {
        var (loss, start) = (new VidLoss(variance),
            $"VidLoss: initial variance is {variance}; expected a finite number above 1E-05");
        LossChecks.Refuses(() => loss.Compute(Golden.StudentMap(), Golden.TeacherMap()), start);
        LossChecks.Refuses(() => loss.Build(Map, Map, null), start);
    }

    [Fact]
    public void Shapes_that_differ_are_refused() =>
        LossChecks.RefusesShapes(new VidLoss(), [2, 3, 4, 4], [2, 6, 4, 4]);

    [Fact]
    public void Its_variance_is_five_by_default_and_its_name_is_vid()
    {
        IFeatureLoss loss = new VidLoss();
        Assert.Equal(new VidLoss(5), loss);
        Assert.Equal(("vid", MapFit.SameShape), (loss.Name, loss.Fit));
    }
}
