using KdNotebooks.Analysis;

namespace KdNotebooks.Tests.Analysis;

[Collection(TorchState.Name)]
public sealed class SceneClassChangeTests(SegmentationRuns runs) : IClassFixture<SegmentationRuns>
{
    [Fact]
    public void The_intersection_over_union_of_each_class_is_paired_over_seeds()
    {
        var change = ClassChange.Of(runs.Result, "mlp-1");

        Assert.Equal("IoU of the class", change.Measured);
        Assert.Equal(11, change.Lines.Count);
        Assert.Equal([1, 2], change.Differences[0].Select(pair => pair.Seed));
        var (own, other) = (runs.Open("mlp-1", 2).Measure().Classes, runs.Open("none", 2).Measure().Classes);
        Assert.Equal(own[EasyScenes.Shirt] - other[EasyScenes.Shirt], change.Differences[EasyScenes.Shirt][1].Difference);
    }
}
