using KdNotebooks.Losses;

namespace KdNotebooks.Tests.Losses;

public sealed class AbLossTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void It_gives_the_reference_implementations_numbers() => Golden.Check(
        "ab_margin1_single_stage_w1", new AbLoss(1).Compute, Golden.StudentMap(), Golden.TeacherMap());

    // On, on, off, off: missing 0.5, 0, 0.5 and 1.5, whose squares sum to 2.75. A teacher's 0 is off.
    [Fact]
    public void It_is_what_one_computes_by_hand()
    {
        var teacher = torch.tensor(new[] { 1.0, 3, -1, 0 }).view(1, 1, 1, 4);
        var student = torch.tensor(new[] { 0.5, 2, -0.5, 0.5 }).view(1, 1, 1, 4);
        Assert.Equal(0.003 * 2.75, new AbLoss().Compute(student, teacher).ToDouble(), 1e-14);
    }

    [Theory]
    [InlineData(0.25, 3, 2, 4, 4)]
    [InlineData(2, 1, 5, 3, 7)]
    public void Each_side_pays_what_it_lacks_to_its_margin(double margin, long n, long c, long h, long w)
    {
        var (student, teacher) = (Wave.Of([n, c, h, w]), Wave.Of([n, c, h, w], 0.9));
        var (ours, theirs, sum) = (Plain.Map(student), Plain.Map(teacher), 0.0);
        foreach (var (i, k, y, x) in Plain.Places(student))
        {
            var s = ours[i, k, y, x];
            sum += theirs[i, k, y, x] > 0
                ? s <= margin ? Math.Pow(s - margin, 2) : 0
                : s > -margin ? Math.Pow(s + margin, 2) : 0;
        }

        Assert.Equal(3 * sum / 1000 / n, new AbLoss(margin).Compute(student, teacher).ToDouble(), 1e-13);
    }

    [Theory]
    [InlineData(0.25)]
    [InlineData(1)]
    public void It_holds_what_every_loss_holds(double margin) =>
        LossChecks.HoldsForMaps(new AbLoss(margin).Compute);

    [Fact]
    public void Beyond_the_margin_on_the_teachers_side_nothing_is_lost_and_nothing_pulls()
    {
        var teacher = Golden.TeacherMap();
        var student = (teacher.sign() * 1.01).requires_grad_(true);
        var loss = new AbLoss().Compute(student, teacher);
        loss.backward();
        Assert.Equal(0, loss.ToDouble());
        Assert.Equal(0, student.grad!.abs().max().ToDouble());
    }

    [Fact]
    public void Equal_maps_within_the_margin_still_pay() =>
        Assert.True(new AbLoss().Compute(Golden.TeacherMap(), Golden.TeacherMap()).ToDouble() > 0);

    [Fact]
    public void How_far_the_teacher_is_from_zero_does_not_matter()
    {
        var (loss, student, teacher) = (new AbLoss(), Golden.StudentMap(), Golden.TeacherMap());
        TensorAssert.Same(loss.Compute(student, teacher), loss.Compute(student, teacher * 7));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_margin_out_of_range_is_refused(double margin) => LossChecks.Refuses(
        () => new AbLoss(margin).Compute(Golden.StudentMap(), Golden.TeacherMap()),
        $"AbLoss: margin is {margin}; expected a finite number above 0");

    [Fact]
    public void Shapes_that_differ_are_refused() =>
        LossChecks.RefusesShapes(new AbLoss(), [2, 3, 4, 4], [2, 3, 4, 1]);

    [Fact]
    public void Its_margin_is_one_by_default_and_its_name_is_ab()
    {
        IFeatureLoss loss = new AbLoss();
        Assert.Equal(new AbLoss(1), loss);
        Assert.Equal(("ab", MapFit.SameShape), (loss.Name, loss.Fit));
    }
}
