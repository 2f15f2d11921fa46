using KdNotebooks.Losses;

namespace KdNotebooks.Tests.Losses;

public sealed class FtLossTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void It_gives_the_reference_implementations_numbers() => Golden.Check(
        "ft_factor_p1_2_p2_1", new FtLoss(2, 1).Compute, Golden.StudentMap(), Golden.TeacherMap());

    // Squares 9, 16 and 0, 1 as vectors of length 1: (9, 16) / sqrt(337) and (0, 1).
    [Fact]
    public void It_is_what_one_computes_by_hand()
    {
        var student = torch.tensor(new[] { 3.0, -4 }).view(1, 1, 1, 2);
        var teacher = torch.tensor(new[] { 0.0, 1 }).view(1, 1, 1, 2);
        var (first, second) = (9 / Math.Sqrt(337), 1 - (16 / Math.Sqrt(337)));
        Assert.Equal((first + second) / 2, new FtLoss().Compute(student, teacher).ToDouble(), 1e-14);
        Assert.Equal(
            ((first * first) + (second * second)) / 2,
            new FtLoss(2, 2).Compute(student, teacher).ToDouble(), 1e-14);
    }

    // The student larger, smaller, and larger in one direction alone.
    [Theory]
    [InlineData(2, 1, 8, 8, 4, 4)]
    [InlineData(2, 2, 3, 3, 7, 7)]
    [InlineData(4, 1, 6, 3, 4, 5)]
    [InlineData(1, 3, 5, 4, 5, 4)]
    public void Factors_of_any_two_maps_meet_at_the_smaller_size(
        int power, int norm, long height, long width, long teacherHeight, long teacherWidth)
    {
        // All positive, so that no sum of odd powers is near 0.
        var student = Wave.Of([2, 3, height, width]) + 1.5;
        var teacher = Wave.Of([2, 5, teacherHeight, teacherWidth], 0.9) + 1.2;
        var (h, w) = ((int)Math.Min(height, teacherHeight), (int)Math.Min(width, teacherWidth));
        var (ours, theirs) = (Factors(student), Factors(teacher));
        var expected = ours.Zip(
            theirs, (a, b) => a.Zip(b, (x, y) => Math.Pow(Math.Abs(x - y), norm)).Average()).Average();
        Assert.Equal(expected, new FtLoss(power, norm).Compute(student, teacher).ToDouble(), 1e-13);

        double[][] Factors(Tensor map)
        {
            var numbers = Plain.Pool(map, h, w);
            return [.. Plain.Range(map, 0).Select(n =>
            {
                var means = (from y in Enumerable.Range(0, h)
                             from x in Enumerable.Range(0, w)
                             select Plain.Range(map, 1).Average(c => Math.Pow(numbers[n, c, y, x], power))).ToArray();
                var length = Math.Sqrt(means.Sum(mean => mean * mean));
                return means.Select(mean => mean / length).ToArray();
            })];
        }
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    [InlineData(4, 1)]
    public void It_holds_what_every_loss_holds(int power, int norm)
    {
        Func<Tensor, Tensor, Tensor> loss = new FtLoss(power, norm).Compute;
        LossChecks.HoldsForMaps(loss);
        LossChecks.EqualInputsLoseNothing(loss, Golden.TeacherMap());
    }

    [Fact]
    public void The_gradient_goes_through_the_pooling()
    {
        Func<Tensor, Tensor, Tensor> loss = new FtLoss().Compute;
        LossChecks.GradientIsTheSlope(loss, Wave.Of([2, 3, 4, 4]), Wave.Of([2, 2, 2, 3], 0.9));
        LossChecks.OneTensorComesOut(loss, Wave.Of([2, 3, 4, 4]), Wave.Of([2, 2, 2, 3], 0.9));
        LossChecks.HalfPrecisionIsNear(loss, Wave.Of([2, 3, 4, 4]), Wave.Of([2, 2, 8, 8], 0.9), 0.01);
    }

    [Fact]
    public void A_factor_on_the_students_map_does_not_matter_nor_the_order_of_its_channels()
    {
        var (loss, student, teacher) = (new FtLoss(), Golden.StudentMap(), Golden.TeacherMap());
        var expected = loss.Compute(student, teacher);
        TensorAssert.Near(expected, loss.Compute(student * 300, teacher), 1e-12);
        TensorAssert.Near(expected, loss.Compute(student.flip(1), teacher), 1e-12);
    }

    [Theory]
    [InlineData(0, 1, "power is 0")]
    [InlineData(2, -1, "norm is -1")]
    public void Powers_under_one_are_refused(int power, int norm, string which) => LossChecks.Refuses(
        () => new FtLoss(power, norm).Compute(Golden.StudentMap(), Golden.TeacherMap()),
        $"FtLoss: {which}; expected a finite number of at least 1");

    [Fact]
    public void A_map_of_zeros_stays_finite_and_passes_no_gradient() => LossChecks.StaysFinite(
        new FtLoss(1, 1).Compute, torch.zeros(4, 6, 5, 5), Wave.Single(4, 6, 5, 5), bound: 0);

    [Theory]
    [InlineData(new long[] { 2, 3, 4, 4 }, new long[] { 3, 3, 4, 4 })]
    [InlineData(new long[] { 2, 3 }, new long[] { 2, 3 })]
    public void What_is_no_pair_of_maps_is_refused(long[] student, long[] teacher) =>
        LossChecks.RefusesShapes(new FtLoss(), student, teacher);

    [Fact]
    public void Its_powers_are_two_and_one_by_default_and_its_name_is_ft()
    {
        var loss = new FtLoss();
        Assert.Equal(new FtLoss(2, 1), loss);
        Assert.Equal(("ft", MapFit.Any), (loss.Name, loss.Fit));
    }
}
