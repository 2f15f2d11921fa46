using KdNotebooks.Losses;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Losses;

public sealed class KdLossTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void It_gives_the_reference_implementations_numbers() =>
        Golden.Check("kd", new KdLoss(4).Compute, Golden.StudentLogits(), Golden.TeacherLogits());

    // Teacher 2 : 1 and student 1 : 1 at temperature 2: T^2 (2/3 ln(4/3) + 1/3 ln(2/3)).
    [Fact]
    public void It_is_what_one_computes_by_hand()
    {
        var student = torch.tensor(new double[,] { { 1, 1 } });
        var teacher = torch.tensor(new[,] { { Math.Log(4), 0 } });
        var expected = 4 * ((2.0 / 3 * Math.Log(4.0 / 3)) + (1.0 / 3 * Math.Log(2.0 / 3)));
        Assert.Equal(expected, new KdLoss(2).Compute(student, teacher).ToDouble(), 1e-12);
    }

    [Fact]
    public void Equal_logits_lose_nothing_and_pull_nowhere()
    {
        var student = Golden.StudentLogits().requires_grad_(true);
        var loss = new KdLoss().Compute(student, Golden.StudentLogits());
        loss.backward();
        Assert.Equal(0, loss.ToDouble(), 1e-12);
        Assert.Equal(0, student.grad!.abs().max().ToDouble(), 1e-12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(0.5)]
    public void It_holds_what_every_loss_holds(double temperature)
    {
        Func<Tensor, Tensor, Tensor> loss = new KdLoss(temperature).Compute;
        LossChecks.OnlyTheStudentLearns(loss, Golden.StudentLogits(), Golden.TeacherLogits());
        LossChecks.TheBatchMayBePermuted(loss, Golden.StudentLogits(), Golden.TeacherLogits());
        LossChecks.SinglePrecisionIsNear(loss, Golden.StudentLogits(), Golden.TeacherLogits());
        LossChecks.GradientIsTheSlope(loss, Wave.Of([2, 5]), Wave.Of([2, 5], 0.9));
    }

    [Fact]
    public void No_tensor_is_left_behind() => LossChecks.OneTensorComesOut(
        new KdLoss().Compute, Golden.StudentLogits().requires_grad_(true), Golden.TeacherLogits());

    [Fact]
    public void A_shift_of_an_images_logits_does_not_matter()
    {
        var (loss, student, teacher) = (new KdLoss(), Golden.StudentLogits(), Golden.TeacherLogits());
        var shift = torch.tensor(new[] { 3.0, -50, 0, 700 }).view(4, 1);
        TensorAssert.Near(loss.Compute(student, teacher), loss.Compute(student + shift, teacher), 1e-10);
        TensorAssert.Near(loss.Compute(student, teacher), loss.Compute(student, teacher - shift), 1e-10);
    }

    // Hinton et al. 2015, equation 4: at a high temperature it tends to half the mean squared difference of the centred
    // logits.
    [Fact]
    public void Its_size_does_not_change_with_a_high_temperature()
    {
        var (student, teacher) = (Golden.StudentLogits(), Golden.TeacherLogits());
        var difference = student - student.mean([1], keepdim: true) - (teacher - teacher.mean([1], keepdim: true));
        var limit = difference.square().mean([1]).mean() / 2;
        TensorAssert.Near(limit, new KdLoss(1e4).Compute(student, teacher), 1e-3);
    }

    [Fact]
    public void Logits_far_apart_stay_finite()
    {
        var (student, teacher) = (torch.tensor(new[,] { { 0f, 1e4f } }), torch.tensor(new[,] { { 1e4f, 0f } }));
        Assert.Equal(1e4, new KdLoss(1).Compute(student, teacher).ToDouble(), 1e-2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_temperature_out_of_range_is_refused(double temperature)
    {
        var error = Assert.Throws<KdException>(
            () => new KdLoss(temperature).Compute(Golden.StudentLogits(), Golden.TeacherLogits()));
        Assert.Contains($"temperature is {temperature}; expected a finite number above 0", error.Message);
    }

    [Fact]
    public void Shapes_that_differ_are_refused()
    {
        var error = Assert.Throws<KdException>(
            () => new KdLoss().Compute(torch.zeros(32, 100), torch.zeros(32, 1000)));
        Assert.StartsWith("KdLoss: student [32, 100] and teacher [32, 1000]", error.Message);
    }

    [Fact]
    public void Its_temperature_is_four_by_default_and_its_name_is_kd()
    {
        Assert.Equal(new KdLoss(4), new KdLoss());
        Assert.Equal("kd", new KdLoss().Name);
    }
}
