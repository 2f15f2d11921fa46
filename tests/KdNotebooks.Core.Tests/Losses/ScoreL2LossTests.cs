using KdNotebooks.Losses;

namespace KdNotebooks.Tests.Losses;

public sealed class ScoreL2LossTests : IDisposable
{
    private static readonly ScoreL2Loss Loss = new();

    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    // Two images of two channels and two positions. Squares over channels: 1 + 9, 4 + 0; 0 + 16, 25 + 1.
    // (0.5 * 10 + 0 * 4 + 0.25 * 16 + 0.25 * 26) / (2 * 1)
    [Fact]
    public void Positions_weigh_what_the_teacher_gives_them_over_the_whole_batch()
    {
        var student = torch.tensor(new[] { 1f, 2, 3, 0, 0, 5, 4, 1 }).view(2, 2, 1, 2);
        var scores = torch.tensor(new[] { 0.5f, 0, 0.25f, 0.25f }).view(2, 1, 1, 2);

        Assert.Equal(
            ((0.5 * 10) + (0.25 * 16) + (0.25 * 26)) / 2,
            Loss.Compute(student, torch.zeros_like(student), scores).ToDouble(), 1e-6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0.125)]
    public void Where_all_positions_weigh_alike_it_is_the_mean(double score)
    {
        var (student, teacher) = (Golden.StudentMap(), Golden.TeacherMap());
        var mean = new L2Loss().Compute(student, teacher);

        TensorAssert.Near(mean, Loss.Compute(student, teacher), 1e-12);
        TensorAssert.Near(mean, Loss.Compute(student, teacher, torch.full([4, 1, 5, 5], score, torch.float64)), 1e-12);
    }

    [Fact]
    public void It_holds_what_every_loss_holds_with_scores_and_without()
    {
        Tensor Scores(Tensor map) => Wave.Of([map.shape[0], 1, map.shape[2], map.shape[3]]).abs().to(map.dtype);
        LossChecks.HoldsForMaps(Loss.Compute);
        LossChecks.EqualInputsLoseNothing(Loss.Compute, Golden.TeacherMap());
        LossChecks.OnlyTheStudentLearns(
            (s, t) => Loss.Compute(s, t, Scores(s)), Golden.StudentMap(), Golden.TeacherMap());
        LossChecks.GradientIsTheSlope(
            (s, t) => Loss.Compute(s, t, Scores(s)), Wave.Of([2, 6, 2, 2]), Wave.Of([2, 6, 2, 2], 0.9));
    }

    [Fact]
    public void No_gradient_reaches_the_scores_and_without_any_nothing_is_learned()
    {
        var student = Wave.Of([2, 6, 2, 2]).requires_grad_(true);
        var scores = torch.zeros([2, 1, 2, 2], torch.float64, requires_grad: true);

        var loss = Loss.Compute(student, Wave.Of([2, 6, 2, 2], 0.9), scores);
        loss.backward();

        Assert.Equal(0, loss.ToDouble());
        Assert.Equal(0, student.grad!.abs().max().ToDouble());
        Assert.Null(scores.grad);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused()
    {
        LossChecks.RefusesShapes(Loss, [2, 3, 4, 4], [2, 6, 4, 4]);
        LossChecks.Refuses(
            () => Loss.Compute(torch.zeros(2, 3, 4, 4), torch.zeros(2, 3, 4, 4), torch.zeros(2, 9, 4, 4)),
            "ScoreL2Loss: scores [2, 9, 4, 4] for maps [2, 3, 4, 4]; expected [N, 1, H, W]");
    }

    [Fact]
    public void Its_name_is_score_l2() => Assert.Equal(("score-l2", MapFit.SameShape), (Loss.Name, ((IFeatureLoss)Loss).Fit));
}
