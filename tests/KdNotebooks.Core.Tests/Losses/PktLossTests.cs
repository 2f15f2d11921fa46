using KdNotebooks.Losses;

namespace KdNotebooks.Tests.Losses;

public sealed class PktLossTests : IDisposable
{
    private static readonly Func<Tensor, Tensor, Tensor> Loss = new PktLoss().Compute;

    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void It_gives_the_reference_implementations_numbers() =>
        Golden.Check("pkt", Loss, Golden.StudentFeatures(), Golden.TeacherFeatures());

    // Student at a right angle: rows of 1 and 1/2, so 2/3 and 1/3; teacher in one direction: 1/2 and 1/2.
    [Fact]
    public void It_is_what_one_computes_by_hand()
    {
        var student = torch.tensor(new double[,] { { 3, 0 }, { 0, 5 } });
        var teacher = torch.tensor(new double[,] { { 1, 1, 1 }, { 2, 2, 2 } });
        var expected = ((0.5 * Math.Log(0.75)) + (0.5 * Math.Log(1.5))) * 2 / 4;
        Assert.Equal(expected, Loss(student, teacher).ToDouble(), 1e-6);
    }

    [Theory]
    [InlineData(new long[] { 6, 2 }, new long[] { 6, 5 })]
    [InlineData(new long[] { 2, 4, 2, 1 }, new long[] { 2, 2, 3, 3 })]
    [InlineData(new long[] { 5, 3 }, new long[] { 5, 2, 2, 2 })]
    public void It_is_what_plain_loops_compute_for_features_and_maps(long[] ours, long[] theirs)
    {
        var (student, teacher) = (Wave.Of(ours), Wave.Of(theirs, 0.9));
        var expected = Neighbours(student).Zip(Neighbours(teacher), (q, p) => p.Zip(
            q, (x, y) => x * Math.Log((x + 1e-7) / (y + 1e-7))).Average()).Average();
        Assert.Equal(expected, Loss(student, teacher).ToDouble(), 1e-10 * expected);

        static double[][] Neighbours(Tensor features)
        {
            var x = features.dim() == 4 ? Plain.Pooled(features) : Plain.Rows(features);
            double[] lengths = [.. x.Select(row => Plain.Length(row) + 1e-7)];
            return [.. x.Select((a, i) =>
            {
                double[] near = [.. x.Select((b, j) => ((Plain.Dot(a, b) / lengths[i] / lengths[j]) + 1) / 2)];
                return near.Select(value => value / near.Sum()).ToArray();
            })];
        }
    }

    // What gradient is left is of the order of 1e-7.
    [Fact]
    public void Equal_features_lose_nothing_and_hardly_pull() =>
        LossChecks.EqualInputsLoseNothing(Loss, Golden.StudentMap(), gradient: 1e-6);

    [Fact]
    public void It_holds_what_every_loss_holds()
    {
        LossChecks.HoldsFor(Loss, Golden.StudentMap(), Golden.TeacherMap());
        LossChecks.GradientIsTheSlope(Loss, Wave.Of([4, 3]), Wave.Of([4, 2], 0.9));
    }

    [Fact]
    public void A_rotation_and_a_positive_factor_do_not_matter()
    {
        var (student, teacher) = (Wave.Of([5, 4]), Wave.Of([5, 3], 0.9));
        LossChecks.DoesNotMind(LossChecks.Rotated, Loss, student, teacher);
        LossChecks.DoesNotMind(x => x * 37, Loss, student, teacher, relative: 1e-5);
        LossChecks.DoesNotMind(x => x * 0.1, Loss, student, teacher, relative: 1e-4);
    }

    // The e in the logarithm lets it go below 0, by less than e.
    [Fact]
    public void It_is_not_below_zero_by_more_than_its_epsilon()
    {
        foreach (var apart in new[] { 1e-9, 1e-7, 1e-5, 1e-3, 1 })
        {
            var student = Wave.Of([9, 5]);
            Assert.InRange(Loss(student, student + (Wave.Of([9, 5], 0.9) * apart)).ToDouble(), -1e-12, 1);
        }
    }

    [Fact]
    public void Opposite_features_stay_finite_also_in_single_precision()
    {
        var student = torch.cat([Wave.Single(3, 50), -Wave.Single(3, 50)], 0);
        LossChecks.StaysFinite(Loss, student, Wave.Single(6, 50));
        LossChecks.StaysFinite(Loss, Wave.Single(6, 50), student);
    }

    [Fact]
    public void Features_of_zeros_are_at_a_right_angle_to_all_and_stay_finite()
    {
        var student = Wave.Of([5, 4]);
        student[2] = torch.zeros(4);
        LossChecks.StaysFinite(Loss, student, Wave.Of([5, 4], 0.9), bound: 1);
        LossChecks.StaysFinite(Loss, torch.zeros(5, 4), Wave.Single(5, 4), bound: 1);
    }

    [Theory]
    [InlineData(new long[] { 4, 3, 4, 4 }, new long[] { 3, 3, 4, 4 }, "must be features [N, D] or maps")]
    [InlineData(new long[] { 4 }, new long[] { 4 }, "must be features [N, D] or maps")]
    [InlineData(new long[] { 1, 3 }, new long[] { 1, 3 }, "are 1 image(s)")]
    public void Shapes_that_do_not_fit_are_refused(long[] student, long[] teacher, string because) =>
        LossChecks.Refuses("PktLoss", Loss, student, teacher, because);

    [Fact]
    public void It_takes_any_maps_and_its_name_is_pkt() =>
        Assert.Equal(("pkt", MapFit.Any), (new PktLoss().Name, new PktLoss().Fit));
}
