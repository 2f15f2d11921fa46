using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;

namespace KdNotebooks.Tests.Distillation;

public sealed class PaddingTests
{
    private static readonly IReadOnlyList<ImageSize> Sizes = [new(32, 24), new(16, 32)];

    [Theory]
    [InlineData(Reduction.Mean, SpatialPolicy.None)]
    [InlineData(Reduction.SumPerBatch, SpatialPolicy.None)]
    public void What_lies_outside_the_images_changes_nothing(Reduction reduction, SpatialPolicy policy)
    {
        using var scope = torch.NewDisposeScope();
        using var bridge = Bridge(new L2Loss(reduction), policy);
        var (student, teacher) = Maps(0);
        var (other, others) = Maps(50);

        Assert.Equal(Loss(bridge, student, teacher), Loss(bridge, other, others), 1e-6);
    }

    [Fact]
    public void A_mean_is_that_of_the_images_own_positions()
    {
        using var scope = torch.NewDisposeScope();
        using var bridge = Bridge(new L2Loss(), SpatialPolicy.None);
        var (student, teacher) = Maps(3);
        // Of 8 x 8 positions the first image has 8 x 6, the second 4 x 8.
        var squares = (student - teacher).square();
        var expected = (squares[0].narrow(2, 0, 6).sum() + squares[1].narrow(1, 0, 4).sum()) / (5 * ((8 * 6) + (4 * 8)));

        Assert.Equal(expected.ToDouble(), Loss(bridge, student, teacher), 1e-5);
    }

    [Fact]
    public void Pooled_maps_are_pooled_over_the_images_own_positions()
    {
        using var scope = torch.NewDisposeScope();
        using var bridge = Bridge(new L2Loss(), SpatialPolicy.Global);
        var (student, teacher) = Maps(9);
        Tensor Pooled(Tensor map) => torch.stack([map[0].narrow(2, 0, 6).mean([1, 2]), map[1].narrow(1, 0, 4).mean([1, 2])]);
        var expected = (Pooled(student) - Pooled(teacher)).square().mean();

        Assert.Equal(expected.ToDouble(), Loss(bridge, student, teacher), 1e-6);
    }

    [Fact]
    public void Images_that_fill_their_batch_are_compared_as_ever()
    {
        using var scope = torch.NewDisposeScope();
        using var bridge = Bridge(new L2Loss(), SpatialPolicy.None);
        var (student, teacher) = Maps(1);

        Assert.Equal(
            new L2Loss().Compute(student, teacher).ToDouble(),
            bridge.Compare(student, teacher, Batch.Of(torch.zeros(2, 3, 32, 32))).ToDouble());
    }

    private static Bridge Bridge(IFeatureLoss loss, SpatialPolicy policy) =>
        new(new Connection("a", "b", new Identity(), loss, 1, policy), [5, 8, 8], [5, 8, 8]);

    private static double Loss(Bridge bridge, Tensor student, Tensor teacher) => bridge.Compare(
        student, teacher, Batch.Of(torch.zeros(2, 3, 32, 32)) with { Sizes = Sizes }).ToDouble();

    // Alike within the images; outside something else each time.
    private static (Tensor Student, Tensor Teacher) Maps(double outside)
    {
        var (student, teacher) = (Formula(1), Formula(2));
        foreach (var map in new[] { student, teacher })
        {
            map[0].narrow(2, 6, 2).fill_(outside);
            map[1].narrow(1, 4, 4).fill_(-2 * outside);
        }

        return (student, teacher + 0);
    }

    private static Tensor Formula(double seed) =>
        ((torch.arange(2 * 5 * 8 * 8, dtype: torch.float32) * 0.37) + seed).sin().view(2, 5, 8, 8);
}
