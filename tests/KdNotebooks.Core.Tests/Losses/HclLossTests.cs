using KdNotebooks.Losses;

namespace KdNotebooks.Tests.Losses;

public sealed class HclLossTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void It_gives_the_reference_implementations_numbers() =>
        Golden.Check("review_hcl", new HclLoss().Compute, Golden.StudentMap(), Golden.TeacherMap());

    [Theory]
    [InlineData(8, 8, new[] { 4, 2, 1 })]
    [InlineData(5, 9, new[] { 4, 2, 1 })]
    [InlineData(4, 6, new[] { 2, 1 })] // 4 is not smaller, and 2 x 2 takes the weight of a half
    [InlineData(2, 2, new[] { 1 })]
    [InlineData(1, 1, new int[] { })]
    public void Levels_smaller_than_the_map_weigh_a_half_a_quarter_and_an_eighth(int height, int width, int[] levels)
    {
        var (student, teacher) = (Wave.Of([2, 3, height, width]), Wave.Of([2, 3, height, width], 0.9));
        var (sum, weight, total) = (Square(height, width), 1.0, 1.0);
        foreach (var level in levels)
        {
            weight /= 2;
            total += weight;
            sum += weight * Square(level, level);
        }

        Assert.Equal(sum / total, new HclLoss().Compute(student, teacher).ToDouble(), 1e-13);

        double Square(int h, int w) => Plain.Pool(student, h, w).Cast<double>()
            .Zip(Plain.Pool(teacher, h, w).Cast<double>(), (s, t) => (s - t) * (s - t)).Average();
    }

    [Fact]
    public void It_holds_what_every_loss_holds()
    {
        LossChecks.HoldsForMaps(new HclLoss().Compute, [2, 2, 3, 3]);
        LossChecks.EqualInputsLoseNothing(new HclLoss().Compute, Golden.TeacherMap());
    }

    // A pattern that averages out within the smallest level's bins is paid at full size alone.
    [Fact]
    public void A_coarse_difference_costs_more_than_a_fine_one_of_the_same_size()
    {
        var (flat, teacher) = (torch.ones(1, 1, 8, 8), torch.zeros(1, 1, 8, 8));
        var rows = torch.tensor(new[] { 1f, -1, 1, -1, 1, -1, 1, -1 }).view(1, 1, 8, 1);
        var loss = new HclLoss();
        Assert.Equal(1, loss.Compute(flat, teacher).ToDouble(), 1e-6);
        Assert.Equal(1 / 1.875, loss.Compute(flat * rows, teacher).ToDouble(), 1e-6);
    }

    [Fact]
    public void Shapes_that_differ_are_refused() =>
        LossChecks.RefusesShapes(new HclLoss(), [2, 3, 4, 4], [2, 3, 8, 8]);

    [Fact]
    public void Its_name_is_hcl()
    {
        IFeatureLoss loss = new HclLoss();
        Assert.Equal(("hcl", MapFit.SameShape), (loss.Name, loss.Fit));
    }
}
