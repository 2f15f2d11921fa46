using KdNotebooks.Losses;

namespace KdNotebooks.Tests.Losses;

public sealed class VkdLossTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    // Heights on both sides of smooth L1's bend.
    [Theory]
    [InlineData(1, 4, 6, 5, 5)]
    [InlineData(4, 1, 3, 4, 4)]
    [InlineData(0.1, 3, 2, 1, 1)]
    public void It_is_smooth_l1_to_the_normalized_teacher(double height, long n, long c, long h, long w)
    {
        var (student, teacher) = (Wave.Of([n, c, h, w], height: height) * 8, Wave.Of([n, c, h, w], 0.9));
        var (ours, theirs) = (Plain.Pooled(student), Plain.Pooled(teacher));
        var expected = Enumerable.Range(0, (int)n).Average(i =>
        {
            var mean = theirs[i].Average();
            var deviation = Math.Sqrt(theirs[i].Average(t => (t - mean) * (t - mean)) + 1e-5);
            return ours[i].Zip(theirs[i], (s, t) => Math.Abs(s - ((t - mean) / deviation)))
                .Average(d => d < 1 ? d * d / 2 : d - 0.5);
        });
        Assert.Equal(expected, new VkdLoss().Compute(student, teacher).ToDouble(), 1e-12);
    }

    [Fact]
    public void It_holds_what_every_loss_holds() => LossChecks.HoldsForMaps(new VkdLoss().Compute);

    [Fact]
    public void Features_and_maps_may_stand_on_either_side()
    {
        var (loss, student, teacher) = (new VkdLoss(), Golden.StudentMap(), Wave.Of([4, 6, 3, 7], 0.9));
        var expected = loss.Compute(student, teacher);
        TensorAssert.Near(expected, loss.Compute(student.mean([2, 3]), teacher.mean([2, 3])), 1e-12);
        TensorAssert.Near(expected, loss.Compute(student, teacher.mean([2, 3])), 1e-12);
    }

    [Fact]
    public void The_teachers_shift_and_scale_do_not_matter_and_the_students_do()
    {
        var (loss, student) = (new VkdLoss(), Golden.StudentMap());
        var teacher = Wave.Of([4, 6], 0.9, height: 100);
        TensorAssert.Near(loss.Compute(student, teacher), loss.Compute(student, (teacher * 3) + 7), 1e-7);
        TensorAssert.Differ(loss.Compute(student, teacher), loss.Compute(student * 3, teacher));
    }

    [Theory]
    [InlineData(new long[] { 2, 3, 4, 4 }, new long[] { 2, 6, 4, 4 })]
    [InlineData(new long[] { 2, 3 }, new long[] { 3, 3 })]
    [InlineData(new long[] { 2, 3, 4 }, new long[] { 2, 3, 4 })]
    public void Shapes_that_do_not_fit_are_refused(long[] student, long[] teacher) =>
        LossChecks.RefusesShapes(new VkdLoss(), student, teacher);

    [Fact]
    public void Its_name_is_vkd() =>
        Assert.Equal(("vkd", MapFit.SameChannels), (new VkdLoss().Name, new VkdLoss().Fit));
}
