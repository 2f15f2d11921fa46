using KdNotebooks.Aligners;
using KdNotebooks.Analysis;
using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Metrics;
using KdNotebooks.Models.Detection;
using KdNotebooks.Recipes;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Detection;
using KdNotebooks.Training;

namespace KdNotebooks.Tests.Runs;

/// <summary>A detector with masks teaches detectors of either build at the levels of its pyramid.</summary>
[Collection(TorchState.Name)]
public sealed class DetectionExperimentTests : IDisposable
{
    private const string Data = "eight-scenes";

    private readonly TemporaryFolder root = new();

    public DetectionExperimentTests()
    {
        var scenes = FashionThings.Make(new FashionScenesOptions(8, 8, 0, 64));
        KnownDatasets.Register(
            Data, new Dataset(Data, scenes.Train, scenes.Train, null, scenes.Mean, scenes.Std));
    }

    public void Dispose() => root.Dispose();

    [Fact]
    public void Students_alone_and_held_to_a_teacher_of_masks_are_trained_side_by_side()
    {
        var teacher = Trials.Run(root.File("teacher"), Alone(Detector(16, masks: true)) with
        {
            Method = "teacher",
            Task = new DetectionSpec(Masks: true),
            Iterations = 120,
        });
        var path = Path.Combine(teacher.Runs[0].Folder, "last.safetensors");
        Assert.Equal("mask mAP", teacher.Runs[0].Rows[0].Metric);
        Recipe[] recipes =
        [
            Alone(Detector(8)),
            Held(Alone(Detector(8)), path, new ChannelMlp(1), new L2Loss(), 1) with { Method = "mlp" },
            Held(Alone(Detector(8)), path, new Linear(), new PkdLoss(), 1) with { Method = "pkd" },
            Held(Alone(Detector(8)), path, new Linear(), new FgdLoss(), 1) with { Method = "fgd" },
            Held(
                Alone(new RetinaNetSpec(18, 8, 16, 8, 1)), path, new Linear(), new L2Loss(), 1,
                [("0", "1"), ("1", "2")]) with { Method = "other build" },
        ];

        recipes = [.. recipes, Scored(recipes[1] with { Method = "scored" }, "rpn.head.cls_logits")];

        var result = Trials.Run(root.File("students"), recipes);

        Assert.Equal(recipes.Length, result.Runs.Count);
        Assert.All(result.Runs, run => Assert.True(run.Epochs[^1].Losses["total"] > 0));
        Assert.Contains("rpn_box_reg", result.Runs[0].Epochs[0].Losses.Keys);
        Assert.Contains("backbone.fpn.layer_blocks.1 linear pkd", result.Runs[2].Epochs[0].Losses.Keys);
        Assert.True(result.Runs[3].Epochs[0].Losses["backbone.fpn.layer_blocks.0 linear fgd"] > 0);
        Assert.Contains("bbox_regression", result.Runs[4].Epochs[0].Losses.Keys);

        // Precision at recall, averaged over the recalls, is the average precision that was measured.
        var curves = ScoreCurves.Of(result, methods: ["pkd", "none"]);
        Assert.Equal("validation", curves.Split);
        Assert.Equal(["IoU 0.50", "IoU 0.75"], curves.Panels.Select(panel => panel.Name));
        foreach (var (panel, metric) in curves.Panels.Zip(["box AP50", "box AP75"]))
        {
            Assert.Equal(["pkd", "none"], panel.Lines.Select(line => line.Method));
            Assert.Equal((101, 0.0, 1.0), (panel.X.Count, panel.X[0], panel.X[^1]));
            Assert.All(panel.Lines, line => Assert.Equal(
                result.Runs.SelectMany(run => run.Rows).Single(row =>
                    (row.Method, row.Metric, row.Split, row.Epoch) == (line.Method, metric, "validation", "last")).Value,
                100 * line.Mean.Average(), 1e-9));
        }

        Assert.Contains(
            "'pdk' was not run; the nearest is 'pkd'",
            Assert.Throws<KdException>(() => ScoreCurves.Of(result, methods: ["pdk"])).Message);

        // What a student finds, as COCO's files, gives the numbers that were measured.
        var found = TrainedRun.Open(result.Runs[2]).Predict("validation", [.. Enumerable.Range(0, 8)]);
        var files = CocoExport.Write(root.File("coco"), "validation", found.Task.Data.Validation, found.Images, found.Items);
        var instances = CocoReader.Read(files.Instances).Instances();
        var numbers = CocoResults.Evaluate(instances, CocoResults.Read(files.Results, instances), CocoRegion.Box);
        Assert.Equal(
            result.Runs[2].Rows.Single(row => (row.Metric, row.Split, row.Epoch) == ("box mAP", "validation", "last")).Value,
            100 * numbers.Ap, 1e-6);
        Assert.Throws<KdException>(() => CocoExport.Write(
            root.File("none"), "validation", found.Task.Data.Validation, [0], []));

        // Half of the images of a view are mirrored, and their boxes with them.
        AssertSteady(result.Runs[1]);
        AssertSteady(result.Runs[3]);
        AssertSteady(result.Runs[5]);
        const string term = "backbone.fpn.layer_blocks.0 mlp-1 score-l2";
        Assert.True(result.Runs[5].Epochs[0].Losses[term] > 0);
        Assert.DoesNotContain(result.Runs[5].Notes, note => note.Contains("positions", StringComparison.Ordinal));

        // Where no scores are named it is said, and where they are not there it is refused, before training.
        var even = Trials.Run(root.File("even"), recipes[5] with
        {
            Connections = [.. recipes[5].Connections.Select(place => place with { Scores = null })],
        }).Runs[0];
        Assert.Contains(even.Notes, note => note.Contains("weighs all positions alike", StringComparison.Ordinal));
        Assert.NotEqual(even.Epochs[0].Losses[term], result.Runs[5].Epochs[0].Losses[term]);
        var wrong = Assert.Throws<KdException>(() => Trials.Run(
            root.File("wrong"), Scored(recipes[5], "rpn.head.class_logits")));
        Assert.Contains("the nearest is 'rpn.head.cls_logits'", wrong.Message);
        Assert.DoesNotContain('\n', wrong.Message);
    }

    [Fact]
    public void Scores_are_written_where_they_are_named_and_nowhere_else()
    {
        var even = Held(Alone(Detector(8)), "t.safetensors", new ChannelMlp(1), new ScoreL2Loss(), 1);
        var scored = Scored(even, "head.classification_head.cls_logits");

        Assert.DoesNotContain("\"scores\"", RecipeJson.Write(even), StringComparison.Ordinal);
        Assert.Contains(
            "\"scores\": \"head.classification_head.cls_logits[2]\"", RecipeJson.Write(scored), StringComparison.Ordinal);
        Assert.Equal(scored, RecipeJson.Read(RecipeJson.Write(scored)));
    }

    // Again, and from a cache: the same bytes, and nearly the same losses.
    private void AssertSteady(RunResult run)
    {
        var again = Trials.Run(root.File("again"), run.Recipe).Runs[0];
        Assert.Equal(Bytes(run), Bytes(again));
        var cached = Trials.Run(root.File("cached"), run.Recipe with
        {
            Teacher = run.Recipe.Teacher! with { Source = TeacherSource.Memory },
        }).Runs[0];
        foreach (var (term, value) in again.Epochs[0].Losses)
        {
            Assert.Equal(value, cached.Epochs[0].Losses[term], 0.05 * Math.Max(value, 0.1));
        }
    }

    [Fact]
    public void A_rehearsal_sees_images_padded_as_training_does()
    {
        const string Small = "scenes-of-80";
        var scenes = FashionThings.Make(new FashionScenesOptions(8, 8, 0, 80));
        KnownDatasets.Register(Small, new Dataset(Small, scenes.Train, scenes.Train, null, scenes.Mean, scenes.Std));
        var seen = new HashSet<(long, long)>();
        var mine = new OwnLoss("sizes", (ours, theirs) =>
        {
            seen.Add((ours.shape[2], ours.shape[3]));
            return (ours - theirs.detach()).square().mean();
        });
        var alone = Alone(new RetinaNetSpec(18, 8, 16, 16, 1)) with { Data = new DataSpec(Small), Iterations = 2 };

        Trials.Run(root.File("padded"), Held(alone, "things-teacher", new Linear(), mine, 1, [("0", "1")]));

        // 96, the next multiple of 32, at the stride of 8.
        Assert.Equal([(12, 12)], seen);
    }

    [Fact]
    public void A_recipe_of_detection_goes_to_json_and_back()
    {
        var recipe = Held(Alone(Detector(8)), "t.safetensors", new ChannelMlp(1), new CwdLoss(), 1) with
        {
            Task = new DetectionSpec(Masks: true, ShortSide: 320),
            Augmentation = new ShortSide([320, 352], 600),
        };

        Assert.Equal(recipe, RecipeJson.Read(RecipeJson.Write(recipe)));
    }

    private static FasterRcnnSpec Detector(int width, bool masks = false) => new(
        18, width, masks, Channels: 16, SmallestAnchor: 8, HeadWidth: 32, MaskWidth: 16,
        Proposals: new ProposalOptions(100, 50, 100, 50, Anchors: 64), Regions: 32);

    private static Recipe Alone(KdNotebooks.Models.IModelSpec student) => new()
    {
        Method = "none",
        Data = new DataSpec(Data),
        Task = new DetectionSpec(),
        Student = student,
        Optimizer = new AdamW(2e-3),
        Schedule = new Cosine(),
        Iterations = 6,
        Epochs = 1,
        BatchSize = 8,
        Augmentation = new PaddedCrop(0, Views: 2, Seed: 0),
        Device = "cpu",
    };

    private static Recipe Held(
        Recipe recipe, string teacher, IAligner aligner, IFeatureLoss loss, double alpha,
        IReadOnlyList<(string Student, string Teacher)>? levels = null) => recipe with
        {
            Teacher = new TeacherSpec(teacher),
            Connections = [.. (levels ?? [("0", "0"), ("1", "1"), ("2", "2")]).Select(level => new Connection(
                $"backbone.fpn.layer_blocks.{level.Student}", $"backbone.fpn.layer_blocks.{level.Teacher}", aligner, loss, alpha))],
        };

    private static Recipe Scored(Recipe recipe, string logits) => recipe with
    {
        Connections = [.. recipe.Connections.Select((place, i) => place with
        {
            Loss = new ScoreL2Loss(),
            Scores = $"{logits}[{i}]",
        })],
    };

    private static string Bytes(RunResult run) =>
        Convert.ToHexString(File.ReadAllBytes(Path.Combine(run.Folder, "last.safetensors")))[^2000..];
}
