using KdNotebooks.Losses;

namespace KdNotebooks.Tests.Losses;

public sealed class NstLossTests : IDisposable
{
    private static readonly Func<Tensor, Tensor, Tensor> Loss = new NstLoss().Compute;

    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void It_gives_the_reference_implementations_numbers() =>
        Golden.Check("nst", Loss, Golden.StudentMap(), Golden.TeacherMap());

    // One channel each, at 60 degrees: 1 + 1 - 2 cos^2 = 3/2.
    [Fact]
    public void It_is_what_one_computes_by_hand()
    {
        var student = torch.tensor(new[] { 5.0, 0 }).view(1, 1, 1, 2);
        var teacher = torch.tensor(new[] { 2, 2 * Math.Sqrt(3) }).view(1, 1, 1, 2);
        Assert.Equal(1.5, Loss(student, teacher).ToDouble(), 1e-12);
    }

    // The second and the third have fewer positions than channels, and are computed the other way.
    [Theory]
    [InlineData(new long[] { 3, 2, 3, 3 }, new long[] { 3, 4, 3, 3 })]
    [InlineData(new long[] { 2, 7, 2, 1 }, new long[] { 2, 5, 2, 1 })]
    [InlineData(new long[] { 1, 4, 2, 2 }, new long[] { 1, 4, 2, 2 })]
    public void It_is_what_plain_loops_compute_for_any_channels(long[] ours, long[] theirs)
    {
        var (student, teacher) = (Wave.Of(ours), Wave.Of(theirs, 0.9));
        var expected = Plain.Channels(student).Zip(
            Plain.Channels(teacher), (s, t) => Kernel(s, s) + Kernel(t, t) - (2 * Kernel(s, t))).Average();
        Assert.Equal(expected, Loss(student, teacher).ToDouble(), 1e-12);
        LossChecks.GradientIsTheSlope(Loss, student, teacher);

        static double Kernel(double[][] one, double[][] other) => one.Average(
            a => other.Average(b => Math.Pow(Plain.Dot(Plain.Unit(a), Plain.Unit(b)), 2)));
    }

    [Fact]
    public void Each_axis_is_pooled_to_the_smaller_of_the_two()
    {
        var (student, teacher) = (Wave.Of([3, 2, 6, 2]), Wave.Of([3, 5, 3, 4], 0.9));
        TensorAssert.Near(
            Loss(student.view(3, 2, 3, 2, 2).mean([3]), teacher.view(3, 5, 3, 2, 2).mean([4])),
            Loss(student, teacher), 1e-12);
    }

    [Theory]
    [InlineData(4, 6, 5, 5)]
    [InlineData(4, 12, 2, 2)]
    public void It_holds_what_every_loss_holds_whichever_way_it_is_computed(long n, long c, long h, long w)
    {
        var (student, teacher) = (Wave.Of([n, c, h, w]), Wave.Of([n, c, h, w], 0.23, 0.9));
        LossChecks.EqualInputsLoseNothing(Loss, student);
        LossChecks.HoldsFor(Loss, student, teacher, half: 0.03);
    }

    // Mathematically it is a square; near 0 the difference of means is rounded.
    [Theory]
    [InlineData(4, 6, 5, 5, -1e-6)]
    [InlineData(4, 12, 2, 2, 0)]
    public void Near_equality_it_is_not_below_zero_by_more_than_rounding(long n, long c, long h, long w, double least)
    {
        foreach (var apart in new[] { 0, 1e-7, 1e-5, 1e-3 })
        {
            var student = Wave.Single(n, c, h, w);
            var teacher = student + (Wave.Single(n, c, h, w).flip(1) * apart);
            Assert.InRange(Loss(student, teacher).item<float>(), least, 1e-3);
        }
    }

    [Fact]
    public void The_order_of_channels_and_a_positive_factor_do_not_matter()
    {
        LossChecks.DoesNotMind(map => map.flip(1), Loss, Golden.StudentMap(), Golden.TeacherMap());
        LossChecks.DoesNotMind(map => map * 37, Loss, Golden.StudentMap(), Golden.TeacherMap());
        LossChecks.DoesNotMind(map => map * 1e-3, Loss, Golden.StudentMap(), Golden.TeacherMap());
    }

    [Fact]
    public void A_channel_of_zeros_selects_nothing_and_stays_finite()
    {
        var dead = Golden.StudentMap();
        dead.select(1, 2).zero_();
        LossChecks.StaysFinite(Loss, dead, Golden.TeacherMap(), bound: 1);
        LossChecks.StaysFinite(Loss, torch.zeros(4, 9, 2, 2), torch.ones(4, 9, 2, 2), bound: 1);
    }

    [Theory]
    [InlineData(new long[] { 2, 3, 4, 4 }, new long[] { 3, 3, 4, 4 })]
    [InlineData(new long[] { 2, 3 }, new long[] { 2, 3 })]
    public void Shapes_that_do_not_fit_are_refused(long[] student, long[] teacher) =>
        LossChecks.Refuses("NstLoss", Loss, student, teacher, "must be maps [N, C, H, W]");

    [Fact]
    public void It_takes_any_maps_and_its_name_is_nst() =>
        Assert.Equal(("nst", MapFit.Any), (new NstLoss().Name, new NstLoss().Fit));
}
