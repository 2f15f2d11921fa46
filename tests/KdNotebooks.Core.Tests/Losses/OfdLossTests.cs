using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Losses;

public sealed class OfdLossTests : IDisposable
{
    private static readonly FeatureShape Map = new(6, 5, 5);
    private static readonly ChannelStatistics Norm =
        new([0.3f, -0.2f, 0, 2, -1, 0.5f], [1, 0.5f, 0.2f, 0.3f, 0.4f, 0]);

    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    // Targets 2, -1 (the margin), -0.5 and -0.5: 1 + 0 + 0.25 + 0. The second and the last are off on both sides.
    [Fact]
    public void It_is_what_one_computes_by_hand()
    {
        var teacher = torch.tensor(new[] { 2.0, -3, -0.5, -0.5 }).view(1, 1, 1, 4);
        var student = torch.tensor(new[] { 1.0, -2, 0, -9 }).view(1, 1, 1, 4);
        Assert.Equal(1.25, new OfdLoss(-1).Compute(student, teacher).ToDouble(), 1e-14);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-0.4)]
    [InlineData(-2)]
    public void One_margin_serves_all_channels(double margin)
    {
        var (student, teacher) = (Wave.Of([3, 2, 3, 4]), Wave.Of([3, 2, 3, 4], 0.9));
        var expected = Expected(student, teacher, _ => margin);
        Assert.Equal(expected, new OfdLoss(margin).Compute(student, teacher).ToDouble(), 1e-12);
        using var built = new OfdLoss(margin).Build(new(2, 3, 4), new(2, 3, 4), Norm);
        Assert.Equal(expected, built.call(student, teacher).ToDouble(), 1e-6);
    }

    [Fact]
    public void As_built_each_channel_has_the_margin_of_the_teachers_normalization()
    {
        var (student, teacher) = (Golden.StudentMap(), Golden.TeacherMap());
        using var built = new OfdLoss().Build(Map, Map, Norm);
        var margins = Norm.Mean.Zip(Norm.StandardDeviation, Margin).ToList(); // each alone
        Assert.Equal(Expected(student, teacher, c => margins[c]), built.call(student, teacher).ToDouble(), 1e-5);
    }

    // The mean of what is negative, by Simpson's rule over 12 deviations.
    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.3f, 0.7f)]
    [InlineData(-0.3f, 0.7f)]
    [InlineData(3, 1)]
    [InlineData(-5, 1)]
    [InlineData(-0.01f, 0.002f)]
    public void A_margin_is_the_mean_of_the_channels_negative_numbers(float mean, float deviation)
    {
        const int steps = 20_000;
        var low = Math.Min(0, mean - (12.0 * deviation));
        var (mass, moment) = (0.0, 0.0);
        for (var i = 0; i <= steps; i++)
        {
            var x = low * (1 - ((double)i / steps));
            var weight = (i is 0 or steps ? 1 : i % 2 == 1 ? 4 : 2)
                * Math.Exp(-Math.Pow((x - mean) / deviation, 2) / 2);
            (mass, moment) = (mass + weight, moment + (weight * x));
        }

        Assert.Equal(moment / mass, Margin(mean, deviation), 1e-9 * deviation);
    }

    // Phi(-3.09) is 0.0010008 and Phi(-3.1) 0.00096760.
    [Fact]
    public void Where_one_number_in_a_thousand_is_negative_three_deviations_stand_in()
    {
        Assert.InRange(Margin(3.09f * 2, 2), -0.57, -0.55);
        Assert.Equal(-6, Margin(3.1f * 2, 2));
        Assert.Equal(-6, Margin(1e30f, 2));
    }

    [Theory]
    [InlineData(-2, 0, -2)]
    [InlineData(2, 0, 0)]
    [InlineData(0, 0, 0)]
    [InlineData(-2, 1e-45f, -2)]
    [InlineData(-1e30f, 1, -1e30f)]
    public void A_constant_channel_has_its_own_negative_number(float mean, float deviation, float expected) =>
        Assert.Equal(expected, Margin(mean, deviation));

    [Fact]
    public void It_holds_what_every_loss_holds()
    {
        using var built = new OfdLoss().Build(Map, Map, Norm);
        LossChecks.HoldsForMaps(new OfdLoss(-0.3).Compute);
        LossChecks.HoldsForMaps(built.call);
        LossChecks.EqualInputsLoseNothing(new OfdLoss(-0.3).Compute, Golden.TeacherMap());
        LossChecks.EqualInputsLoseNothing(built.call, Golden.TeacherMap());
    }

    [Fact]
    public void Its_margins_are_kept_with_a_checkpoint_and_not_trained()
    {
        using var bridge = Bridge(new Linear(), Norm);
        Assert.Equal(2, bridge.parameters().Count()); // the aligner's
        var margins = bridge.state_dict()["criterion.margins"];
        Assert.Equal([1, 6, 1, 1], margins.shape);
        Assert.Equal(
            OfdLoss.Margins(Norm).Select(margin => (float)margin), margins.data<float>().ToArray());
    }

    [Fact]
    public void In_a_bridge_it_trains_the_aligner()
    {
        using var bridge = Bridge(new Linear(), Norm);
        bridge.Compare(
            Wave.Single(2, 6, 5, 5), Wave.Single(2, 6, 5, 5).neg(), Batch.Of(torch.zeros(2, 1, 5, 5))).backward();
        Assert.All(bridge.parameters(), parameter => Assert.True(parameter.grad!.abs().sum().ToDouble() > 0));
    }

    [Fact]
    public void Without_a_normalization_it_says_which_taps_have_one()
    {
        var error = Assert.Throws<KdException>(() => Bridge(new Identity(), null));
        Assert.StartsWith("Connection from student 's' to teacher 't': OfdLoss: its margins come from", error.Message);
        Assert.Contains("'layer3.0.bn2'", error.Message);
        using var given = new OfdLoss(-1).Build(Map, Map, null); // a margin of its own needs none
        LossChecks.Refuses(
            () => new OfdLoss().Compute(Golden.StudentMap(), Golden.TeacherMap()),
            "OfdLoss: its margins come from the teacher's batch normalization, so it must be built for a connection");
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    public void A_margin_out_of_range_is_refused(double margin)
    {
        var loss = new OfdLoss(margin);
        var start = $"OfdLoss: margin is {margin}; expected a finite number of at most 0";
        LossChecks.Refuses(() => loss.Compute(Golden.StudentMap(), Golden.TeacherMap()), start);
        LossChecks.Refuses(() => loss.Build(Map, Map, Norm), start);
    }

    [Fact]
    public void Shapes_that_differ_are_refused() =>
        LossChecks.RefusesShapes(new OfdLoss(-1), [2, 3, 4, 4], [2, 3, 1, 4]);

    [Fact]
    public void Its_margins_are_the_teachers_by_default_and_its_name_is_ofd()
    {
        IFeatureLoss loss = new OfdLoss();
        Assert.Equal(new OfdLoss(null), loss);
        Assert.Equal(("ofd", MapFit.SameShape), (loss.Name, loss.Fit));
    }

    private static double Margin(float mean, float deviation) =>
        Assert.Single(OfdLoss.Margins(new ChannelStatistics([mean], [deviation])));

    private static Bridge Bridge(IAligner aligner, ChannelStatistics? norm) =>
        new(new Connection("s", "t", aligner, new OfdLoss(), 1), [6, 5, 5], [6, 5, 5], norm);

    // Three cases: the teacher on; off above its margin; off below it.
    private static double Expected(Tensor student, Tensor teacher, Func<int, double> margin)
    {
        var (ours, theirs) = (Plain.Map(student), Plain.Map(teacher));
        return Plain.Places(student).Sum(at =>
        {
            var (s, t, m) = (ours[at.N, at.C, at.Y, at.X], theirs[at.N, at.C, at.Y, at.X], margin(at.C));
            return t > 0 ? Math.Pow(s - t, 2)
                : t > m ? s > t ? Math.Pow(s - t, 2) : 0
                : s > m ? Math.Pow(s - m, 2) : 0;
        }) / student.shape[0];
    }
}
