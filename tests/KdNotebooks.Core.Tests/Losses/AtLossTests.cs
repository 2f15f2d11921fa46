using KdNotebooks.Losses;

namespace KdNotebooks.Tests.Losses;

public sealed class AtLossTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void It_gives_the_reference_implementations_numbers() =>
        Golden.Check("at", new AtLoss(2).Compute, Golden.StudentMap(), Golden.TeacherMap());

    [Fact]
    public void It_gives_the_reference_implementations_numbers_for_a_student_of_twice_the_size() => Golden.Check(
        "at_student_twice_teacher_size", new AtLoss(2).Compute, Golden.TwiceAsLargeStudentMap(),
        Golden.TeacherMap());

    // Energies 3, 4 of length 5 against 1, 0: (3/5 - 1)^2 and (4/5)^2, whose mean is 2/5.
    [Fact]
    public void It_is_what_one_computes_by_hand()
    {
        var student = torch.tensor(new[] { Math.Sqrt(2), -2, 2, -2 }).view(1, 2, 1, 2); // squares 2, 4 and 4, 4
        var teacher = torch.tensor(new[] { -7.0, 0 }).view(1, 1, 1, 2);
        Assert.Equal(0.4, new AtLoss().Compute(student, teacher).ToDouble(), 1e-12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(2.5)]
    [InlineData(4)]
    public void It_is_what_plain_loops_compute_for_any_power_and_channels(double power)
    {
        var (student, teacher) = (Wave.Of([3, 2, 2, 4]), Wave.Of([3, 5, 2, 4], 0.9));
        var (ours, theirs) = (Attention(student), Attention(teacher));
        var expected = ours.Zip(theirs, (q, p) => Plain.Minus(q, p).Average(x => x * x)).Average();
        Assert.Equal(expected, new AtLoss(power).Compute(student, teacher).ToDouble(), 1e-12 * expected);

        double[][] Attention(Tensor map) => [.. Plain.Channels(map).Select(image => Plain.Unit([..
            Enumerable.Range(0, 8).Select(at => image.Average(channel => Math.Pow(Math.Abs(channel[at]), power)))]))];
    }

    [Fact]
    public void Each_axis_is_pooled_to_the_smaller_of_the_two()
    {
        var (student, teacher) = (Wave.Of([3, 2, 6, 2]), Wave.Of([3, 5, 3, 4], 0.9));
        var pooled = new AtLoss().Compute(
            student.view(3, 2, 3, 2, 2).mean([3]), teacher.view(3, 5, 3, 2, 2).mean([4]));
        TensorAssert.Near(pooled, new AtLoss().Compute(student, teacher), 1e-12);
        LossChecks.GradientIsTheSlope(new AtLoss().Compute, student, teacher);
    }

    [Fact]
    public void Equal_maps_lose_nothing_and_pull_nowhere() =>
        LossChecks.EqualInputsLoseNothing(new AtLoss().Compute, Golden.StudentMap());

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_holds_what_every_loss_holds(double power)
    {
        Func<Tensor, Tensor, Tensor> loss = new AtLoss(power).Compute;
        LossChecks.OnlyTheStudentLearns(loss, Golden.StudentMap(), Golden.TeacherMap());
        LossChecks.TheBatchMayBePermuted(loss, Golden.StudentMap(), Golden.TeacherMap());
        LossChecks.TheLayoutDoesNotMatter(loss, Golden.TwiceAsLargeStudentMap(), Golden.TeacherMap());
        LossChecks.SinglePrecisionIsNear(loss, Golden.StudentMap(), Golden.TeacherMap());
        LossChecks.HalfPrecisionIsNear(loss, Golden.StudentMap(), Golden.TeacherMap(), 0.02);
        LossChecks.HalfPrecisionIsNear(loss, Golden.TwiceAsLargeStudentMap(), Golden.TeacherMap(), 0.02);
        LossChecks.GradientIsTheSlope(loss, Wave.Of([2, 3, 2, 2]), Wave.Of([2, 3, 2, 2], 0.9));
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        LossChecks.OneTensorComesOut(new AtLoss().Compute, Golden.StudentMap(), Golden.TeacherMap());
        LossChecks.OneTensorComesOut(
            new AtLoss().Compute, Golden.TwiceAsLargeStudentMap(), Golden.TeacherMap());
    }

    [Fact]
    public void The_order_of_channels_and_a_positive_factor_do_not_matter()
    {
        Func<Tensor, Tensor, Tensor> loss = new AtLoss().Compute;
        LossChecks.DoesNotMind(map => map.flip(1), loss, Golden.StudentMap(), Golden.TeacherMap());
        LossChecks.DoesNotMind(map => map * 37, loss, Golden.StudentMap(), Golden.TeacherMap());
        LossChecks.DoesNotMind(map => map * 1e-3, loss, Golden.StudentMap(), Golden.TeacherMap());
    }

    [Fact]
    public void A_map_of_zeros_pays_attention_to_nothing_and_stays_finite()
    {
        var dead = Golden.StudentMap();
        dead[1] = torch.zeros(6, 5, 5);
        LossChecks.StaysFinite(new AtLoss().Compute, dead, Golden.TeacherMap(), bound: 1);
        LossChecks.StaysFinite(new AtLoss(1).Compute, dead, Golden.TeacherMap(), bound: 1);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_power_out_of_range_is_refused(double power) => LossChecks.RefusesOption(
        $"AtLoss: power is {power}; expected a finite number of at least 1.",
        new AtLoss(power).Compute, Golden.StudentMap(), Golden.TeacherMap());

    [Theory]
    [InlineData(new long[] { 2, 3, 4, 4 }, new long[] { 3, 3, 4, 4 })]
    [InlineData(new long[] { 2, 3 }, new long[] { 2, 3, 4, 4 })]
    public void Shapes_that_do_not_fit_are_refused(long[] student, long[] teacher) => LossChecks.Refuses(
        "AtLoss", new AtLoss().Compute, student, teacher, "must be maps [N, C, H, W]");

    [Fact]
    public void Its_power_is_two_by_default_it_takes_any_maps_and_its_name_is_at()
    {
        Assert.Equal(new AtLoss(2), new AtLoss());
        Assert.Equal(("at", MapFit.Any), (new AtLoss().Name, new AtLoss().Fit));
    }
}
