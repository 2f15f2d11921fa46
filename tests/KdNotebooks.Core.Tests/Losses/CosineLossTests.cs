using KdNotebooks.Losses;

namespace KdNotebooks.Tests.Losses;

public sealed class CosineLossTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    // Along, across and against the teacher: 0, 1 and 2.
    [Fact]
    public void It_is_what_one_computes_by_hand()
    {
        var student = torch.tensor(new double[,] { { 3, 4 }, { 1, 0 }, { -2, -2 } });
        var teacher = torch.tensor(new double[,] { { 6, 8 }, { 0, 5 }, { 1, 1 } });
        Assert.Equal(1, new CosineLoss().Compute(student, teacher).ToDouble(), 1e-14);
        Assert.Equal(0, new CosineLoss().Compute(student[..1], teacher[..1]).ToDouble(), 1e-14);
    }

    [Theory]
    [InlineData(4, 6, 5, 5)]
    [InlineData(1, 3, 2, 7)]
    [InlineData(3, 1, 1, 1)]
    public void It_is_one_minus_the_cosine_of_the_pooled_features(long n, long c, long h, long w)
    {
        var (student, teacher) = (Wave.Of([n, c, h, w]), Wave.Of([n, c, h, w], 0.9));
        var expected = Plain.Pooled(student).Zip(Plain.Pooled(teacher), (s, t) =>
            1 - (s.Zip(t, (a, b) => a * b).Sum() / Math.Sqrt(s.Sum(a => a * a) * t.Sum(b => b * b)))).Average();
        Assert.Equal(expected, new CosineLoss().Compute(student, teacher).ToDouble(), 1e-13);
    }

    [Fact]
    public void It_holds_what_every_loss_holds()
    {
        LossChecks.HoldsForMaps(new CosineLoss().Compute);
        LossChecks.EqualInputsLoseNothing(new CosineLoss().Compute, Golden.TeacherMap());
    }

    [Fact]
    public void Features_and_maps_may_stand_on_either_side()
    {
        var (loss, student, teacher) = (new CosineLoss(), Golden.StudentMap(), Wave.Of([4, 6, 3, 7], 0.9));
        var expected = loss.Compute(student, teacher);
        TensorAssert.Near(expected, loss.Compute(student.mean([2, 3]), teacher.mean([2, 3])), 1e-12);
        TensorAssert.Near(expected, loss.Compute(student, teacher.mean([2, 3])), 1e-12);
    }

    [Fact]
    public void A_factor_on_the_students_map_does_not_matter()
    {
        var (loss, student, teacher) = (new CosineLoss(), Golden.StudentMap(), Golden.TeacherMap());
        TensorAssert.Near(loss.Compute(student, teacher), loss.Compute(student * 300, teacher), 1e-12);
        TensorAssert.Near(loss.Compute(student, teacher), loss.Compute(student * 0.001, teacher), 1e-12);
    }

    [Fact]
    public void A_feature_that_is_zero_is_one_away_and_passes_no_gradient()
    {
        Func<Tensor, Tensor, Tensor> loss = new CosineLoss().Compute;
        Assert.Equal(1, loss(torch.zeros(2, 3), torch.ones(2, 3)).ToDouble());
        LossChecks.StaysFinite(loss, torch.zeros(2, 3), torch.ones(2, 3), bound: 0);
        LossChecks.StaysFinite(loss, torch.ones(2, 3), torch.zeros(2, 3), bound: 0);
    }

    [Theory]
    [InlineData(new long[] { 2, 3, 4, 4 }, new long[] { 2, 6, 4, 4 })]
    [InlineData(new long[] { 2, 3 }, new long[] { 3, 3 })]
    [InlineData(new long[] { 2, 3, 4 }, new long[] { 2, 3, 4 })]
    public void Shapes_that_do_not_fit_are_refused(long[] student, long[] teacher) =>
        LossChecks.RefusesShapes(new CosineLoss(), student, teacher);

    [Fact]
    public void Its_name_is_cosine() =>
        Assert.Equal(("cosine", MapFit.SameChannels), (new CosineLoss().Name, new CosineLoss().Fit));
}
