using KdNotebooks.Losses;
using KdNotebooks.Ops;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Losses;

public sealed class L2LossTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(Reduction.SumPerBatch, "l2_sum_per_batch")]
    [InlineData(Reduction.Mean, "fitnet_mse")]
    public void It_gives_the_reference_implementations_numbers(Reduction reduction, string key) =>
        Golden.Check(key, new L2Loss(reduction).Compute, Golden.StudentMap(), Golden.TeacherMap());

    // Differences 1, 2, 3, 4 in two images of 1 channel, 1 by 2: squares sum to 30.
    [Theory]
    [InlineData(Reduction.SumPerBatch, 15)]
    [InlineData(Reduction.Mean, 7.5)]
    public void It_is_what_one_computes_by_hand(Reduction reduction, double expected)
    {
        var teacher = torch.tensor(new[] { 5.0, -1, 0, 2 }).view(2, 1, 1, 2);
        var student = teacher + torch.tensor(new[] { 1.0, -2, 3, -4 }).view(2, 1, 1, 2);
        Assert.Equal(expected, new L2Loss(reduction).Compute(student, teacher).ToDouble(), 1e-12);
    }

    [Theory]
    [InlineData(Reduction.SumPerBatch)]
    [InlineData(Reduction.Mean)]
    public void Equal_maps_lose_nothing_and_pull_nowhere(Reduction reduction)
    {
        var student = Golden.StudentMap().requires_grad_(true);
        var loss = new L2Loss(reduction).Compute(student, Golden.StudentMap());
        loss.backward();
        Assert.Equal(0, loss.ToDouble());
        Assert.Equal(0, student.grad!.abs().max().ToDouble());
    }

    // So a weight for one reduction is the other's times C H W: docs/method.md, 1.5.
    [Theory]
    [InlineData(4, 6, 5, 5)]
    [InlineData(1, 2, 3, 7)]
    public void The_sum_for_each_image_is_the_mean_times_its_numbers(long n, long c, long h, long w)
    {
        var (student, teacher) = (Wave.Of([n, c, h, w]), Wave.Of([n, c, h, w], 0.9));
        TensorAssert.Near(
            new L2Loss(Reduction.Mean).Compute(student, teacher) * (c * h * w),
            new L2Loss(Reduction.SumPerBatch).Compute(student, teacher), 1e-12);
    }

    [Theory]
    [InlineData(Reduction.SumPerBatch)]
    [InlineData(Reduction.Mean)]
    public void It_holds_what_every_loss_holds(Reduction reduction)
    {
        Func<Tensor, Tensor, Tensor> loss = new L2Loss(reduction).Compute;
        LossChecks.OnlyTheStudentLearns(loss, Golden.StudentMap(), Golden.TeacherMap());
        LossChecks.TheBatchMayBePermuted(loss, Golden.StudentMap(), Golden.TeacherMap());
        LossChecks.SinglePrecisionIsNear(loss, Golden.StudentMap(), Golden.TeacherMap());
        LossChecks.GradientIsTheSlope(loss, Wave.Of([2, 3, 2, 2]), Wave.Of([2, 3, 2, 2], 0.9));
    }

    [Theory]
    [InlineData(Reduction.SumPerBatch)]
    [InlineData(Reduction.Mean)]
    public void No_tensor_is_left_behind(Reduction reduction) => LossChecks.OneTensorComesOut(
        new L2Loss(reduction).Compute, Wave.Of([2, 3, 2, 2]).requires_grad_(true), Wave.Of([2, 3, 2, 2], 0.9));

    [Theory]
    [InlineData(Reduction.SumPerBatch)]
    [InlineData(Reduction.Mean)]
    public void The_layout_in_memory_does_not_matter(Reduction reduction)
    {
        var (loss, student, teacher) = (new L2Loss(reduction), Golden.StudentMap(), Golden.TeacherMap());
        var expected = loss.Compute(student, teacher);
        TensorAssert.Near(expected, loss.Compute(ChannelsLast.Of(student), ChannelsLast.Of(teacher)), 1e-12);
        TensorAssert.Near(expected, loss.Compute(ChannelsLast.Of(student), teacher), 1e-12);
    }

    [Fact]
    public void Shapes_that_differ_are_refused()
    {
        var error = Assert.Throws<KdException>(
            () => new L2Loss().Compute(torch.zeros(2, 3, 4, 4), torch.zeros(2, 6, 4, 4)));
        Assert.StartsWith("L2Loss: student [2, 3, 4, 4] and teacher [2, 6, 4, 4]", error.Message);
    }

    [Fact]
    public void Its_reduction_is_the_mean_by_default_and_its_name_is_l2()
    {
        Assert.Equal(new L2Loss(Reduction.Mean), new L2Loss());
        Assert.NotEqual(new L2Loss(Reduction.SumPerBatch), new L2Loss());
        Assert.Equal("l2", new L2Loss().Name);
    }
}
