using KdNotebooks.Aligners;
using KdNotebooks.Losses;

namespace KdNotebooks.Tests.Distillation;

/// <summary>What losses say of shapes for which they are constant.</summary>
[Collection(TorchState.Name)]
public sealed class IdleTests
{
    private static readonly FeatureShape Point = new(8, 1, 1), Map = new(8, 3, 2), Thin = new(1, 3, 2);

    public static TheoryData<IFeatureLoss> OfPositions => [new CwdLoss(), new AtLoss(), new FtLoss(), new NstLoss()];

    [Theory]
    [MemberData(nameof(OfPositions))]
    public void One_position_is_always_the_same(IFeatureLoss loss)
    {
        Assert.True(loss.IdleFor(Point, Point, 16)?.Whole);
        Assert.Null(loss.IdleFor(Map, Map, 16));
        Assert.Null(loss.IdleFor(new(8, 1, 2), new(8, 1, 2), 16));
        if (loss.Fit == MapFit.Any)
        {
            Assert.True(loss.IdleFor(Point, Map, 16)?.Whole); // the larger is pooled
            Assert.True(loss.IdleFor(new(8, 1, 4), new(8, 4, 1), 16)?.Whole);
        }
    }

    [Fact]
    public void Features_of_one_channel_have_no_direction()
    {
        Assert.True(((IFeatureLoss)new CosineLoss()).IdleFor(Thin, Thin, 16)?.Whole);
        Assert.True(((IFeatureLoss)new PktLoss()).IdleFor(Thin, Map, 16)?.Whole);
        Assert.Null(((IFeatureLoss)new PktLoss()).IdleFor(Map, Map, 16));
        Assert.False(((IFeatureLoss)new RkdLoss()).IdleFor(Thin, Map, 16)?.Whole); // distances are left
        Assert.True(((IFeatureLoss)new RkdLoss(DistanceWeight: 0)).IdleFor(Thin, Map, 16)?.Whole);
        Assert.True(((IFeatureLoss)new VkdLoss()).IdleFor(Thin, Thin, 16)?.Whole);
    }

    [Fact]
    public void Two_numbers_standardized_are_always_the_same()
    {
        Assert.True(((IFeatureLoss)new SrdLoss()).IdleFor(Map, Map, 2)?.Whole);
        Assert.Null(((IFeatureLoss)new SrdLoss()).IdleFor(Map, Map, 3));
        Assert.True(((IFeatureLoss)new PkdLoss()).IdleFor(Point, Point, 2)?.Whole);
        Assert.Null(((IFeatureLoss)new PkdLoss()).IdleFor(Map, Map, 2));
    }

    [Fact]
    public void Two_classes_leave_the_beta_of_dkd_nothing_to_weigh()
    {
        var part = new DkdLoss().IdleFor(64, 2);
        Assert.False(part?.Whole);
        Assert.Contains("beta does nothing", part?.Why);
        Assert.True(new DkdLoss(Alpha: 0).IdleFor(64, 2)?.Whole);
        Assert.Null(new DkdLoss(Beta: 0).IdleFor(64, 2));
        Assert.Null(new DkdLoss().IdleFor(64, 3));
        // And it is so.
        using var logits = torch.randn(5, 2).requires_grad_();
        new DkdLoss(Alpha: 0).Compute(logits, torch.randn(5, 2), torch.zeros(5, dtype: torch.int64)).backward();
        Assert.Equal(0, logits.grad!.abs().max().item<float>());
    }

    [Fact]
    public void Two_classes_or_two_images_go_together_or_against_each_other()
    {
        Assert.False(new DistLoss().IdleFor(64, 2)?.Whole);
        Assert.True(new DistLoss(Gamma: 0).IdleFor(64, 2)?.Whole);
        Assert.False(new DistLoss().IdleFor(2, 10)?.Whole);
        Assert.True(new DistLoss().IdleFor(2, 2)?.Whole);
        Assert.Null(new DistLoss().IdleFor(3, 3));
        Assert.True(new KdLoss().IdleFor(64, 1)?.Whole);
    }
}
