using KdNotebooks.Losses;
using KdNotebooks.Ops;

namespace KdNotebooks.Tests.Losses;

public sealed class SpLossTests : IDisposable
{
    private static readonly Func<Tensor, Tensor, Tensor> Loss = new SpLoss().Compute;

    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void It_gives_the_reference_implementations_numbers() =>
        Golden.Check("sp", Loss, Golden.StudentMap(), Golden.TeacherMap());

    // Orthogonal images give the rows 1, 0 and 0, 1; equal ones 1, 1 over the root of 2 twice.
    [Fact]
    public void It_is_what_one_computes_by_hand()
    {
        var student = torch.tensor(new double[] { 3, 0, 0, 5 }).view(2, 1, 1, 2);
        var teacher = torch.tensor(new double[] { 2, 2, 2, 2 }).view(2, 2, 1, 1);
        var root = Math.Sqrt(0.5);
        var expected = 2 * (((1 - root) * (1 - root)) + (root * root)) / 4;
        Assert.Equal(expected, Loss(student, teacher).ToDouble(), 1e-12);
    }

    [Theory]
    [InlineData(new long[] { 5, 2, 3, 1 }, new long[] { 5, 4, 1, 2 })]
    [InlineData(new long[] { 2, 7, 2, 2 }, new long[] { 2, 1, 5, 4 })]
    public void It_is_what_plain_loops_compute_for_maps_of_any_shape(long[] ours, long[] theirs)
    {
        var (student, teacher) = (Wave.Of(ours), Wave.Of(theirs, 0.9));
        var expected = Similarities(student).Zip(
            Similarities(teacher), (s, t) => Plain.Minus(s, t).Average(x => x * x)).Average();
        Assert.Equal(expected, Loss(student, teacher).ToDouble(), 1e-12 * expected);
        LossChecks.GradientIsTheSlope(Loss, student, teacher);

        static double[][] Similarities(Tensor map)
        {
            var images = Plain.Rows(map);
            return [.. images.Select(a => Plain.Unit([.. images.Select(b => Plain.Dot(a, b))]))];
        }
    }

    [Fact]
    public void Equal_maps_lose_nothing_and_pull_nowhere() =>
        LossChecks.EqualInputsLoseNothing(Loss, Golden.StudentMap());

    [Fact]
    public void It_holds_what_every_loss_holds()
    {
        LossChecks.HoldsFor(Loss, Golden.StudentMap(), Golden.TeacherMap(), half: 0.02);
        LossChecks.OneTensorComesOut(Loss, ChannelsLast.Of(Golden.StudentMap()), Golden.TeacherMap());
    }

    [Fact]
    public void An_orthogonal_map_and_a_positive_factor_do_not_matter()
    {
        var (student, teacher) = (Golden.StudentMap(), Golden.TeacherMap());
        LossChecks.DoesNotMind(map => map * 37, Loss, student, teacher);
        LossChecks.DoesNotMind(
            map => LossChecks.Rotated(map.flatten(1)).view(map.shape), Loss, student, teacher);
    }

    [Fact]
    public void An_image_of_zeros_resembles_nothing_and_stays_finite()
    {
        var dead = Golden.StudentMap();
        dead[1] = torch.zeros(6, 5, 5);
        LossChecks.StaysFinite(Loss, dead, Golden.TeacherMap(), bound: 1);
        LossChecks.StaysFinite(Loss, torch.zeros_like(dead), Golden.TeacherMap(), bound: 1);
    }

    [Theory]
    [InlineData(new long[] { 2, 3, 4, 4 }, new long[] { 3, 3, 4, 4 }, "must be maps [N, C, H, W]")]
    [InlineData(new long[] { 2, 3 }, new long[] { 2, 3 }, "must be maps [N, C, H, W]")]
    [InlineData(new long[] { 1, 3, 4, 4 }, new long[] { 1, 3, 4, 4 }, "are 1 image(s)")]
    public void Shapes_that_do_not_fit_are_refused(long[] student, long[] teacher, string because) =>
        LossChecks.Refuses("SpLoss", Loss, student, teacher, because);

    [Fact]
    public void It_takes_any_maps_and_its_name_is_sp() =>
        Assert.Equal(("sp", MapFit.Any), (new SpLoss().Name, new SpLoss().Fit));
}
