using KdNotebooks.Ops;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Ops;

public sealed class NmsTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Indices_are_torchvisions(int entry)
    {
        var golden = OpsGolden.Part("suppression")[entry];
        var scores = golden.GetProperty("scores").Doubles();
        var boxes = golden.GetProperty("boxes").Tensor(scores.Length, 4);
        var score = golden.GetProperty("scores").Tensor(-1);
        var classes = torch.tensor(golden.GetProperty("classes").Longs());
        var threshold = golden.GetProperty("threshold").GetDouble();
        Assert.Equal(golden.GetProperty("nms").Longs(), Longs(Nms.Keep(boxes, score, threshold)));
        Assert.Equal(golden.GetProperty("batched").Longs(), Longs(Nms.KeepByClass(boxes, score, classes, threshold)));
    }

    [Fact]
    public void So_are_those_of_the_given_boxes()
    {
        var (given, outputs) = (OpsGolden.Given, OpsGolden.Given.GetProperty("outputs"));
        var (boxes, scores) = (given.GetProperty("boxes").Tensor(60, 4), given.GetProperty("scores").Tensor(60));
        Assert.Equal(outputs.GetProperty("nms 0.5").Longs(), Longs(Nms.Keep(boxes, scores, 0.5)));
        Assert.Equal(outputs.GetProperty("batched_nms 0.4").Longs(), Longs(
            Nms.KeepByClass(boxes, scores, torch.tensor(given.GetProperty("classes").Longs()), 0.4)));
    }

    // Vectors, their rest, and both types, against the rule written out.
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(17)]
    [InlineData(150)]
    public void What_stays_is_what_the_rule_says(int count)
    {
        var boxes = Wave.Of([count, 4], 1.3, height: 4);
        boxes = torch.cat([boxes.narrow(1, 0, 2), boxes.narrow(1, 0, 2) + boxes.narrow(1, 2, 2).abs() + 1], 1);
        var scores = Wave.Of([count], 2.1);
        Assert.Equal(Plain(boxes, scores, 0.35), Longs(Nms.Keep(boxes, scores, 0.35)));
        var single = boxes.to(torch.float32);
        Assert.Equal(Plain(single.to(torch.float64), scores, 0.35), Longs(Nms.Keep(single, scores, 0.35)));
    }

    [Theory]
    [InlineData(60, 0)] // shifted
    [InlineData(60, -50)] // negative: where they are
    [InlineData(1200, 0)] // too many to shift
    public void Classes_do_not_meet(int count, double corner)
    {
        var boxes = (Wave.Of([count, 4], 1.3, height: 8) + 8) + corner;
        boxes = torch.cat([boxes.narrow(1, 0, 2), boxes.narrow(1, 0, 2) + 4 + Wave.Of([count, 2])], 1);
        var (scores, classes) = (Wave.Of([count], 2.1), torch.arange(count, dtype: torch.int64) % 3);
        var each = Enumerable.Range(0, 3).SelectMany(of =>
        {
            var own = classes.eq(of).nonzero().squeeze(1);
            return Longs(own[Nms.Keep(boxes[own], scores[own], 0.4)]);
        });
        var kept = Longs(Nms.KeepByClass(boxes, scores, classes, 0.4));
        Assert.Equal(each.Order(), kept.Order());
        Assert.Equal(kept.OrderByDescending(index => scores[index].ToDouble()), kept);
        Assert.True(kept.Length < count);
    }

    [Fact]
    public void Equal_scores_leave_the_lower_index_and_an_equal_overlap_stays()
    {
        var twins = torch.tensor(new[,] { { 0f, 0, 2, 2 }, { 0, 0, 2, 2 }, { 0, 0, 2, 1 } });
        Assert.Equal([0, 2], Longs(Nms.Keep(twins, torch.ones(3), 0.5)));
        Assert.Equal([0], Longs(Nms.Keep(twins, torch.ones(3), 0.4999)));
    }

    [Fact]
    public void Empty_boxes_and_numbers_that_are_none_suppress_nothing()
    {
        var nan = float.NaN;
        var boxes = torch.tensor(new[,]
        {
            { 1f, 1, 1, 1 }, { 1, 1, 1, 1 }, { 0, 0, 2, 2 }, { 0, 0, 2, nan }, { nan, nan, nan, nan }, { 0, 0, 2, 2 },
        });
        var scores = torch.tensor(new[] { 0.5f, 0.4f, 0.9f, nan, 0.8f, 0.7f });
        Assert.Equal([3, 2, 4, 0, 1], Longs(Nms.Keep(boxes, scores, 0.5)));
        Assert.Equal([3, 2, 4, 0, 1], Longs(Nms.KeepByClass(boxes, scores, torch.zeros(6, torch.int64), 0.5)));
    }

    [Fact]
    public void No_boxes_leave_none()
    {
        Assert.Equal([0], Nms.Keep(torch.zeros(0, 4), torch.zeros(0), 0.5).shape);
        var kept = Nms.KeepByClass(torch.zeros(0, 4), torch.zeros(0), torch.zeros(0, torch.int64), 0.5);
        Assert.Equal([0], kept.shape);
        Assert.Equal(torch.int64, kept.dtype);
    }

    [Fact]
    public void Boxes_that_carry_a_gradient_and_half_precision_are_taken()
    {
        var boxes = torch.tensor(new[,] { { 0f, 0, 2, 2 }, { 0, 0, 2, 2 } }).requires_grad_(true);
        var scores = torch.tensor(new[] { 0.1f, 0.2f });
        Assert.Equal([1], Longs(Nms.Keep(boxes, scores, 0.5)));
        Assert.Equal([1], Longs(Nms.Keep(boxes.to(torch.float16), scores.to(torch.float16), 0.5)));
    }

    [Fact]
    public void A_box_without_a_score_is_refused() => Assert.Contains(
        "each of 2 boxes, got [3]", Assert.Throws<KdException>(() =>
            Nms.Keep(torch.ones(2, 4), torch.ones(3), 0.5)).Message);

    [Fact]
    public void Nothing_stays_behind()
    {
        var (boxes, scores) = (torch.rand(4, 4), torch.rand(4));
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Nms.Keep(boxes, scores, 0.5).Dispose();
        Nms.KeepByClass(boxes, scores, torch.zeros(4, torch.int64), 0.5).Dispose();
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount); // the classes
    }

    private static long[] Plain(Tensor boxes, Tensor scores, double threshold)
    {
        var iou = Boxes.Iou(boxes, boxes);
        var kept = new List<long>();
        foreach (var i in Enumerable.Range(0, (int)boxes.shape[0]).OrderByDescending(i => scores[i].ToDouble()))
        {
            if (kept.TrueForAll(other => iou[other, i].ToDouble() <= threshold))
            {
                kept.Add(i);
            }
        }

        return [.. kept];
    }

    private static long[] Longs(Tensor indices) => indices.data<long>().ToArray();
}
