using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Models.Detection;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Distillation;

public sealed class ScorePathTests : IDisposable
{
    private static readonly long[] Image = [1, 8, 6];

    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void A_teacher_gives_the_largest_sigmoid_at_each_position_beside_its_maps()
    {
        using var teacher = new LiveTeacher(
            new TwoLevels(3), ["head[1]", "down", ScorePath.Of("head[1]")], Image);

        var features = teacher.Features(Batch.Of(torch.randn(2, 1, 8, 6)));

        Assert.Equal(["head[1]", "down", "scores of head[1]"], teacher.Paths);
        Assert.Equal([1, 4, 3], teacher.Maps.Shapes["scores of head[1]"]);
        var scores = features["scores of head[1]"];
        TensorAssert.Near(features["head[1]"].sigmoid().amax([1], keepdim: true), scores, 1e-6);
        Assert.False(scores.requires_grad);
    }

    [Fact]
    public void Its_pass_goes_as_deep_as_the_scores_and_their_logits_are_not_given()
    {
        var network = new TwoLevels(3);
        using var teacher = new LiveTeacher(network, ["body", ScorePath.Of("head[0]")], Image);
        var (calls, passes) = (network.HeadCalls, network.Passes);

        var features = teacher.Features(Batch.Of(torch.randn(2, 1, 8, 6)));

        Assert.Equal(["body", "scores of head[0]"], features.Keys);
        Assert.Equal((calls + 1, passes), (network.HeadCalls, network.Passes));
    }

    // A level has 3 anchors there and 1 number each, or 9 and a number for each of 10 classes and none.
    [Theory]
    [InlineData(true, "rpn.head.cls_logits", 3)]
    [InlineData(false, "head.classification_head.cls_logits", 0)]
    public void Detectors_of_either_build_give_the_scores_of_each_level(bool two, string logits, int channels)
    {
        IModelSpec spec = two
            ? new FasterRcnnSpec(18, 8, Masks: true, Channels: 16, SmallestAnchor: 8, HeadWidth: 32, MaskWidth: 16)
            : new RetinaNetSpec(18, 8, 16, 8, 1);
        string[] levels = [.. Enumerable.Range(0, 3).Select(level => $"{logits}[{level}]")];
        using var teacher = new LiveTeacher(
            Network.Of(spec.Build(3, 10)),
            [.. levels, .. levels.Select(ScorePath.Of), "backbone.fpn.layer_blocks.1"], 3, 64, 64);

        var features = teacher.Features(Batch.Of(torch.randn(2, 3, 64, 96)));

        foreach (var level in levels)
        {
            Assert.True(channels == 0 ? features[level].shape[1] >= 90 : features[level].shape[1] == channels);
            TensorAssert.Near(
                features[level].sigmoid().amax([1], keepdim: true), features[ScorePath.Of(level)], 1e-6);
        }

        Assert.Equal(
            features["backbone.fpn.layer_blocks.1"].shape[2..], features[ScorePath.Of(levels[1])].shape[2..]);
    }

    [Fact]
    public void Wrong_paths_and_what_are_no_logits_are_refused_in_a_line()
    {
        Assert.StartsWith(
            "Tap 'haed': TwoLevels has no such module; the nearest is 'head'.",
            Assert.Throws<KdException>(() => Teacher(ScorePath.Of("haed"))).Message);
        Assert.StartsWith(
            "Tap 'head[2]': one pass gives 2 map(s) there; expected a number from 0 to 1",
            Assert.Throws<KdException>(() => Teacher(ScorePath.Of("head[2]"))).Message);
        Assert.StartsWith(
            "Scores 'fc': one image gives [3] there; expected class logits at positions",
            Assert.Throws<KdException>(() => new LiveTeacher(
                Network.Of(Tiny.Classifier()), [ScorePath.Of("fc")], Tiny.Image)).Message);

        static LiveTeacher Teacher(string path) => new(new TwoLevels(3), ["body", path], Image);
    }

    [Theory]
    [InlineData("head", "2 maps there")]
    [InlineData("down", "gives nothing at 'scores of down'")]
    public void A_connection_names_the_call_that_it_means(string path, string expected)
    {
        using var teacher = new LiveTeacher(new TwoLevels(3), ["body", ScorePath.Of("head")], Image);
        var error = Assert.Throws<KdException>(() => Bridges.Of(
            new Guidance([Scored("body", path)]), new Dictionary<string, long[]> { ["body"] = [3, 8, 6] }, teacher.Maps));
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void A_connection_of_all_maps_of_a_module_has_the_scores_of_each()
    {
        using var teacher = new LiveTeacher(new TwoLevels(3), ["head", ScorePath.Of("head")], Image);
        var student = new Dictionary<string, long[]> { ["head[0]"] = [3, 8, 6], ["head[1]"] = [3, 4, 3] };

        using var bridges = Bridges.Of(new Guidance([Scored("head", "head")]), student, teacher.Maps);

        Assert.Equal(["head[0]", "head[1]"], bridges.All.Select(bridge => bridge.Connection.Scores));
    }

    // Scores of 4 x 3 positions for a map of 8 x 6, and an image that fills the left half.
    [Fact]
    public void Scores_are_brought_to_the_maps_size_and_are_none_where_images_are_padded()
    {
        using var bridge = new Bridge(
            Scored("s", "head"), [2, 8, 6], [2, 8, 6], scores: [1, 4, 3]);
        var (student, teacher) = (torch.randn(1, 2, 8, 6), torch.randn(1, 2, 8, 6));
        var scores = torch.rand(1, 1, 4, 3);
        var batch = Batch.Of(torch.zeros(1, 1, 16, 12)) with { Sizes = [new ImageSize(16, 6)] };
        var weights = torch.nn.functional.interpolate(
            scores, [8, 6], mode: torch.InterpolationMode.Bilinear, align_corners: false).narrow(3, 0, 3);
        var squares = (student - teacher).square().narrow(3, 0, 3);

        var loss = bridge.Compare(student, teacher, batch, scores);

        Assert.Equal((squares * weights).sum().ToDouble() / (2 * weights.sum().ToDouble()), loss.ToDouble(), 1e-5);
        // Without scores: a mean over the image's own positions.
        Assert.Equal(squares.mean().ToDouble(), bridge.Compare(student, teacher, batch).ToDouble(), 1e-5);
    }

    [Fact]
    public void Scores_without_a_loss_that_weighs_by_them_or_without_positions_are_refused()
    {
        Assert.Contains(
            "scores 'head' are named, and l2 does not weigh positions by scores; compare with score-l2",
            Refused(Scored("s", "head") with { Loss = new L2Loss() }));
        Assert.Contains("the spatial policy Global leaves one", Refused(Scored("s", "head") with
        {
            Spatial = SpatialPolicy.Global,
        }));

        static string Refused(Connection connection) => Assert.Throws<KdException>(() =>
            new Bridge(connection, [2, 8, 6], [2, 8, 6], scores: [1, 8, 6])).Message;
    }

    [Fact]
    public void A_loss_that_would_weigh_says_that_it_has_no_scores()
    {
        using var bridge = new Bridge(Scored("s", "head") with { Scores = null }, [2, 8, 6], [2, 8, 6]);
        var idle = bridge.Idle(2)!;
        Assert.False(idle.Whole);
        Assert.Contains("no scores of the teacher are named", idle.Why);
    }

    private static Connection Scored(string map, string scores) =>
        new(map, map, new Identity(), new ScoreL2Loss(), 1, Scores: scores);
}
