using KdNotebooks.Losses;

namespace KdNotebooks.Tests.Losses;

public sealed class RkdLossTests : IDisposable
{
    private static readonly Func<Tensor, Tensor, Tensor> Loss = new RkdLoss().Compute;

    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void It_gives_the_reference_implementations_numbers() =>
        Golden.Check("rkd", new RkdLoss(25, 50).Compute, Golden.StudentFeatures(), Golden.TeacherFeatures());

    // Student at 0, 1, 2 of a line, whose distances 1, 1, 2 have the mean 4/3; teacher an equilateral triangle. Twice
    // 1/4 and once 1/2 off, half of the squares, of nine pairs. Angles: at each image of the triangle two directions at
    // 60 degrees; on the line 0, 180 and 0 degrees. Twice (1 - 1/2) and once (-1 - 1/2) off, by smooth L1 1/8, 1/8 and
    // 1, each counted twice, of 27 triplets.
    [Fact]
    public void It_is_what_one_computes_by_hand()
    {
        var student = torch.tensor(new double[] { 0, 1, 2 }).view(3, 1);
        var teacher = torch.tensor(new[,] { { 0, 0 }, { 1, 0 }, { 0.5, Math.Sqrt(0.75) } });
        var distance = 2 * ((0.0625 / 2) + (0.0625 / 2) + (0.25 / 2)) / 9;
        var angle = 2 * (0.125 + 0.125 + 1) / 27;
        Assert.Equal(distance, new RkdLoss(1, 0).Compute(student, teacher).ToDouble(), 1e-12);
        Assert.Equal(angle, new RkdLoss(0, 1).Compute(student, teacher).ToDouble(), 1e-12);
        Assert.Equal((3 * distance) + (7 * angle), new RkdLoss(3, 7).Compute(student, teacher).ToDouble(), 1e-12);
    }

    [Theory]
    [InlineData(new long[] { 6, 2 }, new long[] { 6, 5 })]
    [InlineData(new long[] { 3, 4, 2, 1 }, new long[] { 3, 2, 3, 3 })]
    [InlineData(new long[] { 5, 3 }, new long[] { 5, 2, 2, 2 })]
    public void It_is_what_plain_loops_compute_for_features_and_maps(long[] ours, long[] theirs)
    {
        var (student, teacher) = (Wave.Of(ours), Wave.Of(theirs, 0.9));
        var (s, t) = (Points(student), Points(teacher));
        var all = Enumerable.Range(0, s.Length).ToList();
        var (meanS, meanT) = (MeanDistance(s), MeanDistance(t));
        var distance = all.Average(i => all.Average(
            j => SmoothL1((Distance(s, i, j) / meanS) - (Distance(t, i, j) / meanT))));
        var angle = all.Average(i => all.Average(j => all.Average(
            k => SmoothL1(Cosine(s, i, j, k) - Cosine(t, i, j, k)))));
        var loss = Loss(student, teacher);
        Assert.Equal((25 * distance) + (50 * angle), loss.ToDouble(), 1e-10 * loss.ToDouble());

        static double[][] Points(Tensor features) =>
            features.dim() == 4 ? Plain.Pooled(features) : Plain.Rows(features);
        static double Distance(double[][] x, int i, int j) => Plain.Length(Plain.Minus(x[i], x[j]));
        static double Cosine(double[][] x, int i, int j, int k) =>
            Plain.Dot(Plain.Unit(Plain.Minus(x[j], x[i])), Plain.Unit(Plain.Minus(x[k], x[i])));
        static double SmoothL1(double x) => Math.Abs(x) < 1 ? x * x / 2 : Math.Abs(x) - 0.5;
        double MeanDistance(double[][] x) =>
            all.Sum(i => all.Sum(j => Distance(x, i, j))) / (all.Count * (all.Count - 1));
    }

    [Fact]
    public void Equal_features_lose_nothing_and_pull_nowhere() =>
        LossChecks.EqualInputsLoseNothing(Loss, Golden.StudentMap());

    [Fact]
    public void It_holds_what_every_loss_holds()
    {
        LossChecks.HoldsFor(Loss, Golden.StudentMap(), Golden.TeacherMap());
        LossChecks.GradientIsTheSlope(Loss, Wave.Of([4, 3]), Wave.Of([4, 2], 0.9));
    }

    [Fact]
    public void A_similarity_of_the_features_does_not_matter()
    {
        var (student, teacher) = (Wave.Of([5, 4]), Wave.Of([5, 3], 0.9));
        LossChecks.DoesNotMind(x => LossChecks.Rotated(x * 2.5) + Wave.Of([1, 4], 1.1), Loss, student, teacher);
    }

    // |a|^2 + |b|^2 - 2 a.b of them would be rounding alone.
    [Fact]
    public void Features_far_from_the_origin_keep_their_distances_in_single_precision()
    {
        var (student, teacher) = ((Wave.Of([5, 4]) + 1000).to(torch.float32), Wave.Of([5, 4], 0.9));
        var expected = Loss(student.to(torch.float64), teacher);
        TensorAssert.Near(expected, Loss(student, teacher.to(torch.float32)).to(torch.float64), 1e-5);
    }

    [Fact]
    public void Two_images_with_equal_features_pull_each_other_gently()
    {
        var student = Wave.Of([5, 4]);
        student[3] = student[1];
        LossChecks.StaysFinite(Loss, student, Wave.Of([5, 4], 0.9), bound: 100);
        LossChecks.StaysFinite(Loss, Wave.Of([5, 4]), student, bound: 100);
    }

    // The distance from one image to an equal one is 0, and it counts in the mean.
    [Fact]
    public void Equal_images_count_in_the_mean_distance()
    {
        var student = torch.tensor(new double[] { 0, 0, 3 }).view(3, 1); // distances 0, 3, 3: mean 2
        var teacher = torch.tensor(new[,] { { 0, 0 }, { 1, 0 }, { 0.5, Math.Sqrt(0.75) } });
        var expected = 2 * (0.5 + 0.125 + 0.125) / 9;
        Assert.Equal(expected, new RkdLoss(1, 0).Compute(student, teacher).ToDouble(), 1e-12);
    }

    [Fact]
    public void Features_that_are_all_equal_stay_finite() =>
        LossChecks.StaysFinite(Loss, torch.ones(4, 3), Wave.Single(4, 3), bound: 1);

    [Theory]
    [InlineData(-1, 1, "distance weight is -1")]
    [InlineData(1, double.NaN, "angle weight is NaN")]
    public void Weights_out_of_range_are_refused(double distance, double angle, string message) =>
        LossChecks.RefusesOption(
            $"RkdLoss: {message}; expected a finite number of at least 0.",
            new RkdLoss(distance, angle).Compute, Golden.StudentMap(), Golden.TeacherMap());

    [Theory]
    [InlineData(new long[] { 4, 3, 4, 4 }, new long[] { 3, 3, 4, 4 }, "must be features [N, D] or maps")]
    [InlineData(new long[] { 4, 3, 4 }, new long[] { 4, 3, 4 }, "must be features [N, D] or maps")]
    [InlineData(new long[] { 2, 3 }, new long[] { 2, 3 }, "are 2 image(s)")]
    public void Shapes_that_do_not_fit_are_refused(long[] student, long[] teacher, string because) =>
        LossChecks.Refuses("RkdLoss", Loss, student, teacher, because);

    [Fact]
    public void Its_weights_are_25_and_50_by_default_it_takes_any_maps_and_its_name_is_rkd()
    {
        Assert.Equal(new RkdLoss(25, 50), new RkdLoss());
        Assert.Equal(("rkd", MapFit.Any), (new RkdLoss().Name, new RkdLoss().Fit));
    }
}
