using KdNotebooks.Losses;

namespace KdNotebooks.Tests.Losses;

public sealed class SrdLossTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(4, 4, 6, 5, 5)]
    [InlineData(2, 3, 2, 4, 4)]
    [InlineData(1, 7, 1, 2, 3)]
    [InlineData(2.5, 2, 3, 1, 1)]
    public void It_is_the_logarithm_of_the_sum_of_powers_of_standardized_differences(
        double exponent, long n, long c, long h, long w)
    {
        var (student, teacher) = (Wave.Of([n, c, h, w]), Wave.Of([n, c, h, w], 0.9));
        var (ours, theirs) = (Standardized(Plain.Pooled(student)), Standardized(Plain.Pooled(teacher)));
        var sum = ours.Zip(theirs, (a, b) => a.Zip(b, (x, y) => Math.Pow(Math.Abs(x - y), exponent)).Sum()).Sum();
        Assert.Equal(Math.Log(sum), new SrdLoss(exponent).Compute(student, teacher).ToDouble(), 1e-11);

        static double[][] Standardized(double[][] rows) => [.. rows.Select(row => row.Select((x, c) =>
        {
            var column = rows.Select(other => other[c]).ToArray();
            var variance = column.Average(y => Math.Pow(y - column.Average(), 2));
            return (x - column.Average()) / Math.Sqrt(variance + 1e-4);
        }).ToArray())];
    }

    [Theory]
    [InlineData(4)]
    [InlineData(2)]
    public void It_holds_what_every_loss_holds(double exponent) =>
        LossChecks.HoldsForMaps(new SrdLoss(exponent).Compute, [4, 3, 2, 2]);

    [Fact]
    public void Features_and_maps_may_stand_on_either_side()
    {
        var (loss, student, teacher) = (new SrdLoss(), Golden.StudentMap(), Wave.Of([4, 6, 3, 7], 0.9));
        var expected = loss.Compute(student, teacher);
        TensorAssert.Near(expected, loss.Compute(student.mean([2, 3]), teacher.mean([2, 3])), 1e-12);
        TensorAssert.Near(expected, loss.Compute(student, teacher.mean([2, 3])), 1e-12);
    }

    [Fact]
    public void A_shift_of_a_channel_does_not_matter()
    {
        var (loss, student, teacher) = (new SrdLoss(), Golden.StudentMap(), Golden.TeacherMap());
        var shift = torch.tensor(new[] { 3.0, -5, 0, 70, 1, -2 }).view(1, 6, 1, 1);
        TensorAssert.Near(loss.Compute(student, teacher), loss.Compute(student + shift, teacher), 1e-10);
        TensorAssert.Near(loss.Compute(student, teacher), loss.Compute(student, teacher - shift), 1e-10);
    }

    // The 1e-4 beside the variance: at small features it tells.
    [Fact]
    public void A_factor_on_a_channel_matters_where_its_variance_is_small()
    {
        var (loss, student, teacher) = (new SrdLoss(), Golden.StudentMap(), Golden.TeacherMap());
        TensorAssert.Near(loss.Compute(student * 300, teacher), loss.Compute(student * 3000, teacher), 1e-3);
        Assert.NotEqual(
            loss.Compute(student * 300, teacher).ToDouble(), loss.Compute(student * 0.01, teacher).ToDouble(), 0.1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Equal_maps_give_the_lower_bound_and_no_gradient(bool single)
    {
        var teacher = single ? Golden.TeacherMap().to(torch.float32) : Golden.TeacherMap();
        var student = teacher.clone().requires_grad_(true);
        var loss = new SrdLoss().Compute(student, teacher);
        loss.backward();
        Assert.Equal(-87.3365, loss.ToDouble(), 1e-3);
        Assert.Equal(0, student.grad!.abs().max().ToDouble());
    }

    [Fact]
    public void A_channel_that_is_the_same_for_all_images_stays_finite()
    {
        LossChecks.StaysFinite(new SrdLoss().Compute, torch.zeros(4, 6), Wave.Single(4, 6));
        LossChecks.StaysFinite(new SrdLoss().Compute, Wave.Single(4, 6), torch.zeros(4, 6));
    }

    // Apart by rounding alone, in single precision: the steepest that training can meet.
    [Fact]
    public void Features_that_are_nearly_equal_stay_finite() => LossChecks.StaysFinite(
        new SrdLoss().Compute, Wave.Single(4, 6), Wave.Single(4, 6) * (1 + 1e-7f));

    [Theory]
    [InlineData(0.9)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void An_exponent_out_of_range_is_refused(double exponent) => LossChecks.Refuses(
        () => new SrdLoss(exponent).Compute(Golden.StudentMap(), Golden.TeacherMap()),
        $"SrdLoss: exponent is {exponent}; expected a finite number of at least 1");

    [Theory]
    [InlineData(new long[] { 2, 3, 4, 4 }, new long[] { 2, 6, 4, 4 })]
    [InlineData(new long[] { 2, 3 }, new long[] { 3, 3 })]
    [InlineData(new long[] { 1, 3 }, new long[] { 1, 3 })] // one image
    public void Shapes_that_do_not_fit_are_refused(long[] student, long[] teacher) =>
        LossChecks.RefusesShapes(new SrdLoss(), student, teacher);

    [Fact]
    public void Its_exponent_is_four_by_default_and_its_name_is_srd()
    {
        var loss = new SrdLoss();
        Assert.Equal(new SrdLoss(4), loss);
        Assert.Equal(("srd", MapFit.SameChannels), (loss.Name, loss.Fit));
    }
}
