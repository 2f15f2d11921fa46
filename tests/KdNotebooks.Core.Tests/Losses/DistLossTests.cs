using KdNotebooks.Losses;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Losses;

public sealed class DistLossTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void It_gives_the_reference_implementations_numbers() =>
        Golden.Check("dist", new DistLoss(1, 1, 4).Compute, Golden.StudentLogits(), Golden.TeacherLogits());

    // 1, 2, 3 against 3, 2, 1: r = -1; against 1, 3, 2: r = 1/2.
    [Fact]
    public void Between_classes_it_is_what_one_computes_by_hand()
    {
        var student = torch.tensor(new double[,] { { 1, 2, 3 }, { 1, 2, 3 } });
        var teacher = torch.tensor(new double[,] { { 3, 2, 1 }, { 1, 3, 2 } });
        Assert.Equal(1 - ((-1 + 0.5) / 2), new DistLoss().BetweenClasses(student, teacher).ToDouble(), 1e-8);
    }

    [Theory]
    [InlineData(5, 3, 1, 1, 1)]
    [InlineData(2, 7, 0.3, 2, 0.7)]
    [InlineData(9, 2, 4, 0, 5)]
    public void It_is_what_plain_loops_compute(
        long images, long classes, double beta, double gamma, double temperature)
    {
        var (student, teacher) = (Wave.Of([images, classes], 0.8, 0.1, 3), Wave.Of([images, classes], 1.3, 0.6, 3));
        var (q, p) = (Soften(student), Soften(teacher));
        var rows = q.Zip(p, Pearson).Average();
        var columns = Enumerable.Range(0, (int)classes).Average(
            k => Pearson([.. q.Select(row => row[k])], [.. p.Select(row => row[k])]));
        var expected = temperature * temperature * ((beta * (1 - rows)) + (gamma * (1 - columns)));
        var loss = new DistLoss(beta, gamma, temperature).Compute(student, teacher);
        Assert.Equal(expected, loss.ToDouble(), 1e-10 * Math.Abs(expected));

        double[][] Soften(Tensor logits) =>
            [.. Plain.Rows(logits).Select(row => Plain.Softmax(row, temperature))];

        static double Pearson(double[] x, double[] y)
        {
            double[] a = [.. x.Select(value => value - x.Average())], b = [.. y.Select(value => value - y.Average())];
            return Plain.Dot(a, b) / ((Plain.Length(a) * Plain.Length(b)) + 1e-8);
        }
    }

    [Fact]
    public void Rows_of_probabilities_may_go_through_a_positive_affine_map()
    {
        var (student, teacher) = (Golden.StudentLogits().softmax(1), Golden.TeacherLogits().softmax(1));
        var (factor, shift) = (Wave.Of([4, 1]) + 1.5, Wave.Of([4, 1], 0.9));
        LossChecks.DoesNotMind(
            rows => (rows * factor) + shift, new DistLoss().BetweenClasses, student, teacher, relative: 1e-6);
        TensorAssert.Near(
            2 - new DistLoss().BetweenClasses(student, teacher), new DistLoss().BetweenClasses(-student, teacher), 1e-9);
    }

    // 1 - r of equal rows is 1e-8 / (|a|^2 + 1e-8).
    [Fact]
    public void Equal_logits_lose_next_to_nothing() => LossChecks.EqualInputsLoseNothing(
        new DistLoss().Compute, Golden.StudentLogits(), value: 1e-5, gradient: 1e-6);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(0.5)]
    public void It_holds_what_every_loss_holds(double temperature)
    {
        Func<Tensor, Tensor, Tensor> loss = new DistLoss(Temperature: temperature).Compute;
        LossChecks.OnlyTheStudentLearns(loss, Golden.StudentLogits(), Golden.TeacherLogits());
        LossChecks.TheBatchMayBePermuted(loss, Golden.StudentLogits(), Golden.TeacherLogits());
        LossChecks.SinglePrecisionIsNear(loss, Golden.StudentLogits(), Golden.TeacherLogits());
        LossChecks.HalfPrecisionIsNear(loss, Golden.StudentLogits(), Golden.TeacherLogits(), 0.01);
        LossChecks.GradientIsTheSlope(loss, Wave.Of([3, 5]), Wave.Of([3, 5], 0.9));
    }

    [Fact]
    public void Between_classes_only_the_student_learns_and_nothing_is_left()
    {
        Func<Tensor, Tensor, Tensor> loss = new DistLoss().BetweenClasses;
        LossChecks.OnlyTheStudentLearns(loss, Golden.StudentLogits(), Golden.TeacherLogits());
        LossChecks.HalfPrecisionIsNear(loss, Golden.StudentLogits(), Golden.TeacherLogits(), 0.01);
        LossChecks.OneTensorComesOut(loss, Golden.StudentLogits(), Golden.TeacherLogits());
    }

    [Fact]
    public void No_tensor_is_left_behind() =>
        LossChecks.OneTensorComesOut(new DistLoss().Compute, Golden.StudentLogits(), Golden.TeacherLogits());

    [Fact]
    public void A_shift_of_an_images_logits_does_not_matter()
    {
        var shift = torch.tensor(new[] { 3.0, -50, 0, 700 }).view(4, 1);
        LossChecks.DoesNotMind(
            z => z + shift, new DistLoss().Compute, Golden.StudentLogits(), Golden.TeacherLogits());
        TensorAssert.Near(
            new DistLoss().Compute(Golden.StudentLogits(), Golden.TeacherLogits()),
            new DistLoss().Compute(Golden.StudentLogits(), Golden.TeacherLogits() - shift), 1e-10);
    }

    [Fact]
    public void Uniform_probabilities_are_related_to_nothing_and_stay_finite()
    {
        var uniform = torch.zeros(4, 10, torch.float64);
        TensorAssert.Near(
            torch.tensor(2.0, torch.float64), new DistLoss().Compute(uniform, Golden.TeacherLogits()), 1e-6);
        LossChecks.StaysFinite(new DistLoss().Compute, uniform, Golden.TeacherLogits());
        LossChecks.StaysFinite(new DistLoss().Compute, uniform, uniform);
    }

    [Theory]
    [InlineData(-1, 1, 1, "beta is -1; expected a finite number of at least 0.")]
    [InlineData(1, double.NaN, 1, "gamma is NaN; expected a finite number of at least 0.")]
    [InlineData(1, 1, 0, "temperature is 0; expected a finite number above 0.")]
    public void Options_out_of_range_are_refused(double beta, double gamma, double temperature, string message) =>
        LossChecks.RefusesOption(
            $"DistLoss: {message}", new DistLoss(beta, gamma, temperature).Compute,
            Golden.StudentLogits(), Golden.TeacherLogits());

    [Theory]
    [InlineData(new long[] { 4, 10 }, new long[] { 4, 9 }, "must have one shape [N, K]")]
    [InlineData(new long[] { 4, 10, 1, 1 }, new long[] { 4, 10, 1, 1 }, "must have one shape [N, K]")]
    [InlineData(new long[] { 1, 10 }, new long[] { 1, 10 }, "are of one image; it correlates the images")]
    [InlineData(new long[] { 4, 1 }, new long[] { 4, 1 }, "are of one class; it correlates classes")]
    public void Shapes_that_do_not_fit_are_refused(long[] student, long[] teacher, string because) =>
        LossChecks.Refuses("DistLoss", new DistLoss().Compute, student, teacher, because);

    [Fact]
    public void Between_classes_one_image_is_enough_and_one_class_is_not()
    {
        var loss = new DistLoss().BetweenClasses(torch.tensor(new[,] { { 1.0, 2 } }), torch.tensor(new[,] { { 2.0, 1 } }));
        Assert.Equal(2, loss.ToDouble(), 1e-7);
        Assert.Throws<KdException>(() => new DistLoss().BetweenClasses(torch.zeros(4, 1), torch.zeros(4, 1)));
    }

    [Fact]
    public void Its_defaults_are_the_authors_for_imagenet_and_its_name_is_dist()
    {
        Assert.Equal(new DistLoss(1, 1, 1), new DistLoss());
        Assert.Equal("dist", new DistLoss().Name);
    }
}
