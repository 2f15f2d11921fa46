using KdNotebooks.Ops;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Ops;

public sealed class BoxesTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Areas_overlaps_and_hulls_are_torchvisions()
    {
        var golden = OpsGolden.Part("pairs");
        var (a, b) = (golden.GetProperty("a").Tensor(7, 4), golden.GetProperty("b").Tensor(5, 4));
        OpsGolden.Near(golden.GetProperty("areas"), Boxes.Areas(a));
        OpsGolden.Near(golden.GetProperty("iou"), Boxes.Iou(a, b));
        OpsGolden.Near(golden.GetProperty("giou"), Boxes.GeneralizedIou(a, b));
        OpsGolden.Near(golden.GetProperty("giou_loss"), Boxes.GeneralizedIouLoss(a.narrow(0, 0, 5), b));
        OpsGolden.Near(golden.GetProperty("clipped"), Boxes.Clip(a, 40, 50));
        Assert.Equal(golden.GetProperty("large").Longs(), Boxes.LargeEnough(a, 12).data<long>().ToArray());
    }

    [Fact]
    public void So_are_those_of_the_given_boxes()
    {
        var outputs = OpsGolden.Given.GetProperty("outputs");
        var a = OpsGolden.Given.GetProperty("boxes").Tensor(60, 4);
        var b = OpsGolden.Given.GetProperty("boxes2").Tensor(20, 4);
        OpsGolden.NearSummary(outputs.GetProperty("box_iou"), Boxes.Iou(a, b));
        OpsGolden.NearSummary(outputs.GetProperty("generalized_box_iou"), Boxes.GeneralizedIou(a, b));
    }

    // Squares of side 2, one moved by (1, 1): they share 1 of 7, and 2 of the hull's 9 are neither's.
    [Fact]
    public void By_hand()
    {
        var a = torch.tensor(new[,] { { 0f, 0, 2, 2 } });
        var b = torch.tensor(new[,] { { 1f, 1, 3, 3 }, { 5, 5, 6, 6 } });
        Assert.Equal([1f / 7, 0], Boxes.Iou(a, b).data<float>().ToArray());
        var generalized = Boxes.GeneralizedIou(a, b).data<float>().ToArray();
        Assert.Equal((1f / 7) - (2f / 9), generalized[0], 1e-6);
        Assert.Equal(-31f / 36, generalized[1], 1e-6);
    }

    [Fact]
    public void The_gradient_of_the_loss_is_its_slope()
    {
        var truth = torch.tensor(new[,] { { 1.0, 1, 7, 5 }, { 0, 0, 4, 4 } });
        var boxes = torch.tensor(new[,] { { 0.5, 0.3, 4.3, 6 }, { 6, 5.2, 9, 7.5 } });
        Slopes.Check(boxes, moved => Boxes.GeneralizedIouLoss(moved, truth).sum());
        Slopes.Check(boxes, moved => Boxes.Iou(moved, truth).sum());
    }

    [Fact]
    public void A_loss_of_empty_boxes_is_finite()
    {
        var empty = torch.zeros(1, 4, requires_grad: true);
        var loss = Boxes.GeneralizedIouLoss(empty, torch.zeros(1, 4)).sum();
        loss.backward();
        Assert.True(double.IsFinite(loss.ToDouble()) && empty.grad!.isfinite().all().ToBoolean());
    }

    [Fact]
    public void Formats_lead_into_each_other()
    {
        var boxes = torch.tensor(new[,] { { 1f, 2, 4, 8 } });
        Assert.Equal([1f, 2, 3, 6], Boxes.ToXywh(boxes).data<float>().ToArray());
        TensorAssert.Same(boxes, Boxes.FromXywh(Boxes.ToXywh(boxes)));
    }

    [Fact]
    public void No_boxes_give_no_overlaps()
    {
        var none = torch.zeros(0, 4);
        Assert.Equal([0, 3], Boxes.Iou(none, torch.ones(3, 4)).shape);
        Assert.Equal([3, 0], Boxes.GeneralizedIou(torch.ones(3, 4), none).shape);
        Assert.Equal([0, 4], Boxes.Clip(none, 5, 5).shape);
        Assert.Equal([0], Boxes.LargeEnough(none, 1).shape);
    }

    [Fact]
    public void Boxes_of_another_shape_are_refused() => Assert.Contains(
        "got [3, 5]", Assert.Throws<KdException>(() => Boxes.Areas(torch.ones(3, 5))).Message);

    [Fact]
    public void Nothing_stays_behind()
    {
        var boxes = torch.rand(4, 4);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Boxes.Iou(boxes, boxes).Dispose();
        Boxes.GeneralizedIou(boxes, boxes).Dispose();
        Boxes.Clip(boxes, 3, 3).Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
