using KdNotebooks.Losses;

namespace KdNotebooks.Tests.Losses;

public sealed class CwdLossTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void It_gives_the_reference_implementations_numbers() =>
        Golden.Check("cwd", new CwdLoss(4).Compute, Golden.StudentMap(), Golden.TeacherMap());

    [Theory]
    [InlineData(0.5, 2, 3, 3, 7)]
    [InlineData(1, 3, 2, 4, 4)]
    [InlineData(4, 1, 1, 2, 1)]
    public void Each_channel_is_a_distribution_over_the_positions(double temperature, long n, long c, long h, long w)
    {
        var (student, teacher) = (Wave.Of([n, c, h, w], height: 3), Wave.Of([n, c, h, w], 0.9, height: 3));
        var (ours, theirs, sum) = (Plain.Map(student), Plain.Map(teacher), 0.0);
        foreach (var (i, k) in from i in Plain.Range(student, 0) from k in Plain.Range(student, 1) select (i, k))
        {
            var (q, p) = (Distribution(ours, i, k), Distribution(theirs, i, k));
            sum += p.Zip(q, (a, b) => a * Math.Log(a / b)).Sum();
        }

        Assert.Equal(
            temperature * temperature * sum / (n * c),
            new CwdLoss(temperature).Compute(student, teacher).ToDouble(), 1e-12);

        double[] Distribution(double[,,,] map, int i, int k)
        {
            var powers = Plain.Positions(student).Select(at => Math.Exp(map[i, k, at.Y, at.X] / temperature)).ToArray();
            return [.. powers.Select(power => power / powers.Sum())];
        }
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(4)]
    public void It_holds_what_every_loss_holds(double temperature)
    {
        Func<Tensor, Tensor, Tensor> loss = new CwdLoss(temperature).Compute;
        LossChecks.HoldsForMaps(loss);
        LossChecks.EqualInputsLoseNothing(loss, Golden.TeacherMap());
    }

    [Fact]
    public void A_shift_of_a_channel_does_not_matter()
    {
        var (loss, student, teacher) = (new CwdLoss(), Golden.StudentMap(), Golden.TeacherMap());
        var shift = torch.tensor(new[] { 3.0, -50, 0, 700, 1, -2 }).view(1, 6, 1, 1);
        TensorAssert.Near(loss.Compute(student, teacher), loss.Compute(student + shift, teacher), 1e-10);
        TensorAssert.Near(loss.Compute(student, teacher), loss.Compute(student, teacher - shift), 1e-10);
    }

    [Fact]
    public void Maps_far_apart_stay_finite()
    {
        var student = torch.tensor(new[] { 0f, 1e4f }).view(1, 1, 1, 2);
        Assert.Equal(1e4, new CwdLoss().Compute(student, student.flip(3)).ToDouble(), 1e-2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_temperature_out_of_range_is_refused(double temperature) => LossChecks.Refuses(
        () => new CwdLoss(temperature).Compute(Golden.StudentMap(), Golden.TeacherMap()),
        $"CwdLoss: temperature is {temperature}; expected a finite number above 0");

    [Fact]
    public void Shapes_that_differ_are_refused() =>
        LossChecks.RefusesShapes(new CwdLoss(), [2, 3, 4, 4], [2, 3, 2, 8]);

    [Fact]
    public void Its_temperature_is_one_by_default_and_its_name_is_cwd()
    {
        IFeatureLoss loss = new CwdLoss();
        Assert.Equal(new CwdLoss(1), loss);
        Assert.Equal(("cwd", MapFit.SameShape), (loss.Name, loss.Fit));
    }
}
