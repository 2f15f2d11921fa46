using System.Text.Json.Nodes;
using KdNotebooks.Aligners;
using KdNotebooks.Analysis;
using KdNotebooks.Catalogue;
using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Distillation;
using KdNotebooks.Guests.MultiLabel;
using KdNotebooks.Guests.Parts;
using KdNotebooks.Interactive;
using KdNotebooks.Losses;
using KdNotebooks.Methods;
using KdNotebooks.Models;
using KdNotebooks.Parts;
using KdNotebooks.Recipes;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Teachers;
using KdNotebooks.Training;

namespace KdNotebooks.Guests;

/// <summary>A teacher of the guest task and students that are held to it, trained once for all tests.</summary>
public sealed class TrainedGuests : Workshop
{
    public const string Data = "garment-rows", Task = "multi-label";

    public TrainedGuests()
    {
        KnownDatasets.Register(Data, GarmentRows.Make(192, 64, 64));
        OwnParts.Register<ITaskSpec>(Task, new MultiLabelSpec());
        var teacher = Recipe("teacher") with { Student = new ResNetSpec(8, 8), Epochs = 3 };
        Teacher = new TeacherSpec(Train(teacher).Runs[0].BestStudent, TeacherSource.Memory);
        Result = Train(
            Recipe("none"), Recipe("none", 2), Held("linear"), Held("linear", 2),
            Held("kd") with { Connections = [], Logits = new LogitConnection(new KdLoss(), 0.5) },
            Held("two heads") with
            {
                Student = new TwoHeads(),
                Connections = [new Connection("far", "layer3", new Linear(), new L2Loss(), 1, SpatialPolicy.Resize)],
            });
    }

    public TeacherSpec Teacher { get; }

    public ExperimentResult Result { get; }

    public static Recipe Recipe(string method, int seed = 1) => new()
    {
        Method = method,
        Data = new DataSpec(Data),
        Task = new MultiLabelSpec(),
        Student = new ResNetSpec(8, 4),
        Optimizer = new AdamW(5e-3),
        Epochs = 1,
        BatchSize = 32,
        Augmentation = new Mirrored(),
        Device = "cpu",
        Seed = seed,
    };

    public Recipe Held(string method, int seed = 1) => Recipe(method, seed) with
    {
        Teacher = Teacher,
        Connections = [new Connection("layer3", "layer3", new Linear(), new L2Loss(), 1)],
    };

    public TrainedRun Open(string method) =>
        TrainedRun.Open(Result.Runs.First(run => run.Recipe.Method == method));
}

public sealed class MultiLabelTests(TrainedGuests guests) : IClassFixture<TrainedGuests>
{
    [Fact]
    public void Students_are_trained_and_measured_as_the_task_measures()
    {
        Assert.All(guests.Result.Table.Rows, row => Assert.True(double.IsFinite(row.Value), $"{row}"));
        Assert.Equal(
            ["mAP", "whole set", "loss"],
            guests.Result.Runs[0].Rows.Where(row => row.Split == "test").Select(row => row.Metric).Distinct());
        Assert.Equal("mAP", guests.Result.Teacher!.Metric);
        Assert.InRange(guests.Result.Teacher.Chance, 10, 25);
        Assert.True(guests.Result.Teacher.Validation > guests.Result.Teacher.Chance + 8);
        Assert.Equal("mAP (%)", guests.Result.Curves.Metric);
    }

    [Fact]
    public void Every_term_of_a_step_has_its_name()
    {
        Assert.Equal(["layer3 linear l2", "task", "total"], Losses("linear"));
        Assert.Equal(["logits kd", "task", "total"], Losses("kd"));
        Assert.Equal(["count", "far to layer3 linear l2", "task", "total"], Losses("two heads"));
    }

    [Fact]
    public void Named_methods_hold_it_to_its_teacher_like_any_other()
    {
        var places = guests.Held("x").Guidance;
        string[] methods = ["at", "mlp-1", "dkd"];
        var result = guests.Train([.. methods.Select(name => NamedMethods.Find(name).At(places, 1e-3) is var held
            ? guests.Held(name) with { Connections = held.Connections, Logits = held.Logits, Iterations = 2 }
            : null!)]);

        Assert.Equal(methods, result.Runs.Select(run => run.Recipe.Method));
    }

    [Fact]
    public void A_network_with_two_outputs_is_a_teacher_too()
    {
        var large = TrainedGuests.Recipe("large") with
        {
            Student = new TwoHeads(24),
            Optimizer = new AdamW(1e-2),
            Epochs = 6,
        };
        var teacher = new TeacherSpec(guests.Train(large).Runs[0].BestStudent);
        var run = guests.Train(guests.Held("by two heads") with
        {
            Teacher = teacher,
            Connections = [new Connection("layer3", "far", new Linear(), new L2Loss(), 1, SpatialPolicy.Resize)],
            Iterations = 2,
        }).Runs[0];

        Assert.Contains("layer3 to far linear l2", run.Epochs[0].Losses.Keys);
    }

    [Theory]
    [InlineData("linear")]
    [InlineData("two heads")]
    public void A_run_can_be_examined(string method)
    {
        var run = guests.Open(method);
        var predictions = run.Predict();

        Assert.Equal(64, predictions.Items.Count);
        Assert.Equal(predictions.Score.Headline, run.Measure().Headline);
        Assert.Equal("mAP", predictions.Score.Headline.Name);
        Assert.Equal(64, predictions.Right().Count(right => right is not null));
        Assert.Single(run.Maps(0).Connections);
        Assert.Contains(run.Task.Pictures.Truth(run.Task.Data.Test!.Load(0)).Words, run.Maps(0).ToString());
        Assert.NotEmpty(run.Correlation());
    }

    [Fact]
    public void What_the_task_does_not_count_is_refused_by_its_name() => Assert.Equal(
        "Run 'linear, seed 1': MultiLabelTask does not count which class is taken for which.",
        Assert.Throws<KdException>(() => guests.Open("linear").Confusion()).Message);

    [Fact]
    public void The_change_of_each_class_is_what_the_task_measures_of_a_class()
    {
        var change = ClassChange.Of(guests.Result, "linear", "none");

        Assert.Equal("average precision of the class", change.Measured);
        Assert.Equal(10, change.Lines.Count);
        Assert.All(change.Differences, seeds => Assert.Equal(2, seeds.Count));
    }

    [Fact]
    public void Images_and_predictions_are_shown_in_the_task_s_words()
    {
        var run = guests.Open("linear");
        var truth = run.Task.Pictures.Truth(run.Task.Data.Test!.Load(0)).Words;
        var grid = Formatters.Format(SampleGrid.Of(run.Task.Data, "test", 4)).Data;
        var table = Formatters.Format(
            PredictionTable.Of([run, guests.Open("none")], [0, 1], teacher: guests.Teacher)).Data;

        Assert.All([grid, table], shown => Assert.Contains(truth, shown[MimeBundle.Html]));
        Assert.Matches("✓ right|✗ wrong", table[MimeBundle.Html]);
        Assert.Contains("linear, seed 1", table[MimeBundle.Text]);
    }

    [Fact]
    public void A_dataset_finds_its_registered_task()
    {
        var data = KnownDatasets.Open(new DataSpec(TrainedGuests.Data));
        var task = PartKinds.TaskOf(data).On(data, PaddedCrop.None);
        var check = TeacherCheck.Of(
            TrainedModel.Load(guests.Teacher.Weights), task, torch.CPU, TestContext.Current.CancellationToken);

        Assert.Equal(new MultiLabelSpec(), task.Spec);
        Assert.Equal(guests.Result.Teacher!.Validation, check.Validation);
        Assert.Equal(10, task.Summarize(TestContext.Current.CancellationToken).Classes.Rows.Count);
    }

    [Fact]
    public void A_recipe_reads_back_from_its_JSON_and_its_manifest_says_what_it_takes()
    {
        var run = guests.Result.Runs[2];
        var manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(run.Folder, "manifest.json")))!;

        Assert.Equal(run.Recipe, RecipeJson.Read(RecipeJson.Write(run.Recipe)));
        Assert.Equal(
            ["data garment-rows", "task multi-label", "augmentation mirrored"],
            manifest["own"]!.AsArray().Select(part => $"{part!["role"]} {part["name"]}"));
    }

    [Fact]
    public void JSON_without_the_registered_task_says_which_is_missing_and_how_to_register_it()
    {
        var text = RecipeJson.Write(TrainedGuests.Recipe("none")).Replace("\"multi-label\"", "\"not-here\"");
        var message = Assert.Throws<KdException>(() => RecipeJson.Read(text)).Message;

        Assert.Contains("the task 'not-here' is a part of someone's own", message);
        Assert.Contains("register it (`Own.part \"not-here\" ...`, or OwnParts.Register)", message);
    }

    [Fact]
    public void Other_code_under_the_same_name_is_another_run()
    {
        OwnParts.Register<ITaskSpec>("changing", new First());
        var first = TrainedGuests.Recipe("none") with { Task = new First() };
        var (id, written) = (Id(first), RecipeJson.Write(first));
        OwnParts.Register<ITaskSpec>("changing", new Second());

        Assert.NotEqual(id, Id(first with { Task = new Second() }));
        Assert.Contains("had the code", Assert.Throws<KdException>(() => RecipeJson.Read(written)).Message);
    }

    [Fact]
    public void Average_precision_is_what_one_computes_by_hand()
    {
        // Present at places 1 and 3: (1/1 + 2/3) / 2.
        Assert.Equal((1 + (2 / 3.0)) / 2, LabelSetMeter.AveragePrecision([(3, true), (2, false), (1, true)]), 12);
        // Equal logits are one place: 1 of 2.
        Assert.Equal(0.5, LabelSetMeter.AveragePrecision([(1, true), (1, false)]), 12);
        Assert.Equal(double.NaN, LabelSetMeter.AveragePrecision([(1, false)]));
    }

    [Fact]
    public void Data_of_another_task_is_refused() => Assert.Contains(
        "has no set of classes for each image",
        Assert.Throws<KdException>(() => guests.Train(
            TrainedGuests.Recipe("none") with { Data = new DataSpec("fashion-mnist-mini") })).Message);

    private IEnumerable<string> Losses(string method) => guests.Result.Runs
        .First(run => run.Recipe.Method == method).Epochs[0].Losses.Keys.Order(StringComparer.Ordinal);

    private static string Id(Recipe recipe) => new RunIdentity(recipe, "data", null).Id;

    private sealed record First : ITaskSpec
    {
        public IAugmentation UsualAugmentation => PaddedCrop.None;

        public bool Fits(Dataset data) => false;

        public ITask On(Dataset data, IAugmentation augmentation) => new MultiLabelTask(new(1), data, augmentation);
    }

    private sealed record Second : ITaskSpec
    {
        public IAugmentation UsualAugmentation => PaddedCrop.None;

        public bool Fits(Dataset data) => false;

        public ITask On(Dataset data, IAugmentation augmentation) => new MultiLabelTask(new(2), data, augmentation);
    }
}
