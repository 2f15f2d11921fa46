using KdNotebooks.Losses;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Losses;

public sealed class DkdLossTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void It_gives_the_reference_implementations_numbers() => Golden.Check(
        "dkd", Of(new DkdLoss(1, 8, 4), Golden.Labels()), Golden.StudentLogits(), Golden.TeacherLogits());

    // Teacher 3 : 2 : 1, student 1 : 1 : 1, the first is true: (1/2, 1/2) against (1/3, 2/3), and among the others
    // (2/3, 1/3) against (1/2, 1/2).
    [Fact]
    public void It_is_what_one_computes_by_hand()
    {
        var teacher = torch.tensor(new[,] { { Math.Log(3), Math.Log(2), 0 } });
        var target = 0.5 * (Math.Log(1.5) + Math.Log(0.75));
        var others = (2.0 / 3 * Math.Log(4.0 / 3)) + (1.0 / 3 * Math.Log(2.0 / 3));
        var loss = new DkdLoss(Alpha: 2, Beta: 3, Temperature: 1)
            .Compute(torch.ones_like(teacher), teacher, torch.tensor(new[] { 0L }));
        Assert.Equal((2 * target) + (3 * others), loss.ToDouble(), 1e-12);
    }

    [Theory]
    [InlineData(5, 3, 1)]
    [InlineData(3, 11, 0.7)]
    [InlineData(1, 4, 6)]
    public void It_is_what_plain_loops_compute(long images, long classes, double temperature)
    {
        var (student, teacher) = (Wave.Of([images, classes], 0.8, 0.1, 4), Wave.Of([images, classes], 1.3, 0.6, 4));
        long[] labels = [.. Enumerable.Range(0, (int)images).Select(i => (7L * i + 2) % classes)];
        var (target, nonTarget) = new DkdLoss(1, 1, temperature).Terms(student, teacher, torch.tensor(labels));
        for (var i = 0; i < images; i++)
        {
            var (own, label) = (temperature * temperature, (int)labels[i]);
            double[] Binary(double[] p) => [p[label], 1 - p[label]];
            double[] Others(double[] z) => Plain.Softmax(z.Where((_, k) => k != label), temperature);
            var (z, y) = (Plain.Rows(student)[i], Plain.Rows(teacher)[i]);
            var (q, p) = (Binary(Plain.Softmax(z, temperature)), Binary(Plain.Softmax(y, temperature)));
            Assert.Equal(own * Plain.Divergence(p, q), target[i].ToDouble(), 1e-10);
            Assert.Equal(own * Plain.Divergence(Others(y), Others(z)), nonTarget[i].ToDouble(), 1e-10);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(0.5)]
    public void Softened_logit_distillation_is_its_terms_weighted_by_the_teachers_doubt(double temperature)
    {
        var (student, teacher, labels) = (Golden.StudentLogits(), Golden.TeacherLogits(), Golden.Labels());
        var (target, nonTarget) = new DkdLoss(Temperature: temperature).Terms(student, teacher, labels);
        for (var i = 0; i < 4; i++)
        {
            var doubt = 1 - Plain.Softmax(Plain.Rows(teacher)[i], temperature)[labels[i].item<long>()];
            var own = new KdLoss(temperature).Compute(student.narrow(0, i, 1), teacher.narrow(0, i, 1));
            Assert.Equal(own.ToDouble(), target[i].ToDouble() + (doubt * nonTarget[i].ToDouble()), 1e-12);
        }
    }

    [Fact]
    public void The_weights_are_the_terms_own()
    {
        var (student, teacher, labels) = (Golden.StudentLogits(), Golden.TeacherLogits(), Golden.Labels());
        var (target, nonTarget) = new DkdLoss().Terms(student, teacher, labels);
        TensorAssert.Near(target.mean() * 3, new DkdLoss(3, 0).Compute(student, teacher, labels), 1e-12);
        TensorAssert.Near(nonTarget.mean() * 5, new DkdLoss(0, 5).Compute(student, teacher, labels), 1e-12);
    }

    [Fact]
    public void Equal_logits_lose_nothing_and_pull_nowhere() => LossChecks.EqualInputsLoseNothing(
        Of(new DkdLoss(), Golden.Labels()), Golden.StudentLogits(), gradient: 1e-11);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(0.5)]
    public void It_holds_what_every_loss_holds(double temperature)
    {
        var loss = Of(new DkdLoss(Temperature: temperature), Golden.Labels());
        LossChecks.OnlyTheStudentLearns(loss, Golden.StudentLogits(), Golden.TeacherLogits());
        LossChecks.SinglePrecisionIsNear(loss, Golden.StudentLogits(), Golden.TeacherLogits());
        LossChecks.HalfPrecisionIsNear(loss, Golden.StudentLogits(), Golden.TeacherLogits(), 0.01);
        LossChecks.GradientIsTheSlope(
            Of(new DkdLoss(Temperature: temperature), torch.tensor(new long[] { 4, 0 })),
            Wave.Of([2, 5]), Wave.Of([2, 5], 0.9));
    }

    [Fact]
    public void The_order_of_the_images_does_not_matter()
    {
        var (loss, order) = (new DkdLoss(), torch.tensor(new long[] { 2, 0, 3, 1 }));
        Tensor[] all = [Golden.StudentLogits(), Golden.TeacherLogits(), Golden.Labels()];
        Tensor[] other = [.. all.Select(tensor => tensor.index_select(0, order))];
        var expected = loss.Compute(all[0], all[1], all[2]);
        TensorAssert.Near(expected, loss.Compute(other[0], other[1], other[2]), 1e-12);
        TensorAssert.Differ(expected, loss.Compute(all[0], all[1], other[2]));
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        LossChecks.OneTensorComesOut(
            Of(new DkdLoss(), Golden.Labels()), Golden.StudentLogits(), Golden.TeacherLogits());
        var (student, teacher, labels) = (Golden.StudentLogits(), Golden.TeacherLogits(), Golden.Labels());
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var terms = new DkdLoss().Terms(student, teacher, labels);
        Assert.Equal(before + 2, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        terms.Target.Dispose();
        terms.NonTarget.Dispose();
    }

    [Fact]
    public void A_shift_of_an_images_logits_does_not_matter()
    {
        var (loss, shift) = (Of(new DkdLoss(), Golden.Labels()), torch.tensor(new[] { 3.0, -50, 0, 700 }).view(4, 1));
        LossChecks.DoesNotMind(z => z + shift, loss, Golden.StudentLogits(), Golden.TeacherLogits());
        TensorAssert.Near(
            loss(Golden.StudentLogits(), Golden.TeacherLogits()),
            loss(Golden.StudentLogits(), Golden.TeacherLogits() - shift), 1e-10);
    }

    // A true class that is only pushed down by 1000 would still rule the softmax of the others here.
    [Fact]
    public void Logits_far_apart_stay_finite_and_the_true_class_stays_out()
    {
        var (student, teacher) = (torch.tensor(new[,] { { 1e4f, 0f, 0f } }), torch.tensor(new[,] { { 2e4f, 0f, 2f } }));
        var (label, loss) = (torch.tensor(new[] { 0L }), new DkdLoss(Temperature: 1));
        var (target, nonTarget) = loss.Terms(student, teacher, label);
        var expected = Plain.Divergence(Plain.Softmax([0, 2]), [0.5, 0.5]);
        Assert.Equal(0, target[0].ToDouble(), 1e-6);
        Assert.Equal(expected, nonTarget[0].ToDouble(), 1e-6);
        LossChecks.StaysFinite(Of(loss, label), teacher, -student, bound: 10);
    }

    // T^2 times a divergence of 1e-6 is left of terms of 1e-2.
    [Fact]
    public void Logits_near_each_other_keep_their_precision_in_single()
    {
        var near = Golden.TeacherLogits() + (Golden.StudentLogits() * 0.01);
        var loss = Of(new DkdLoss(), Golden.Labels());
        LossChecks.SinglePrecisionIsNear(
            loss, near.to(torch.float32).to(torch.float64), Golden.TeacherLogits().to(torch.float32).to(torch.float64));
    }

    [Fact]
    public void Of_two_classes_the_other_one_says_nothing()
    {
        var labels = torch.tensor(new long[] { 0, 1, 1 });
        var (_, nonTarget) = new DkdLoss().Terms(Wave.Of([3, 2]), Wave.Of([3, 2], 0.9), labels);
        Assert.Equal(0, nonTarget.abs().max().ToDouble());
    }

    [Theory]
    [InlineData(0, 1, 0, "temperature is 0; expected a finite number above 0.")]
    [InlineData(0, 1, double.NaN, "temperature is NaN; expected a finite number above 0.")]
    [InlineData(-1, 1, 1, "alpha is -1; expected a finite number of at least 0.")]
    [InlineData(1, double.PositiveInfinity, 1, "beta is Infinity; expected a finite number of at least 0.")]
    public void Options_out_of_range_are_refused(double alpha, double beta, double temperature, string message) =>
        LossChecks.RefusesOption(
            $"DkdLoss: {message}", Of(new DkdLoss(alpha, beta, temperature), Golden.Labels()),
            Golden.StudentLogits(), Golden.TeacherLogits());

    [Theory]
    [InlineData(new long[] { 4, 10 }, new long[] { 4, 9 })]
    [InlineData(new long[] { 4, 10 }, new long[] { 3, 10 })]
    [InlineData(new long[] { 4, 10, 1 }, new long[] { 4, 10, 1 })]
    public void Shapes_that_do_not_fit_are_refused(long[] student, long[] teacher) => LossChecks.Refuses(
        "DkdLoss", Of(new DkdLoss(), Golden.Labels()), student, teacher, "must have one shape [N, K]");

    [Theory]
    [InlineData(-1)]
    [InlineData(10)]
    public void A_label_that_is_no_class_is_refused_by_its_number(long label)
    {
        var labels = torch.tensor(new[] { 1, label, 5, 7 });
        var error = Assert.Throws<KdException>(
            () => new DkdLoss().Compute(Golden.StudentLogits(), Golden.TeacherLogits(), labels));
        Assert.Equal(
            $"DkdLoss: label {label} is none of the 10 classes of logits [4, 10]; expected 0 to 9.", error.Message);
    }

    [Fact]
    public void Labels_of_another_shape_or_type_are_refused()
    {
        var (student, teacher) = (Golden.StudentLogits(), Golden.TeacherLogits());
        foreach (var labels in new[] { torch.zeros(3, torch.int64), torch.zeros(4, 1, torch.int64), torch.zeros(4) })
        {
            var error = Assert.Throws<KdException>(() => new DkdLoss().Compute(student, teacher, labels));
            var shape = string.Join(", ", labels.shape);
            Assert.StartsWith($"DkdLoss: logits [4, 10] and labels [{shape}]", error.Message);
        }
    }

    [Fact]
    public void A_single_class_is_refused()
    {
        var error = Assert.Throws<KdException>(() => new DkdLoss().Compute(
            torch.zeros(2, 1), torch.zeros(2, 1), torch.zeros(2, torch.int64)));
        Assert.StartsWith("DkdLoss: logits [2, 1] have 1 class(es); expected at least 2", error.Message);
    }

    [Fact]
    public void Its_defaults_are_the_authors_for_cifar_and_its_name_is_dkd()
    {
        Assert.Equal(new DkdLoss(1, 8, 4), new DkdLoss());
        Assert.Equal("dkd", new DkdLoss().Name);
    }

    private static Func<Tensor, Tensor, Tensor> Of(DkdLoss loss, Tensor labels) =>
        (student, teacher) => loss.Compute(student, teacher, labels);
}
