using System.Text.Json;
using KdNotebooks.Aligners;
using KdNotebooks.Datasets;
using KdNotebooks.Losses;
using KdNotebooks.Recipes;
using KdNotebooks.Results;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Teachers;

namespace KdNotebooks.Tests.Runs;

[Collection(TorchState.Name)]
public sealed class CohortRunTests : IDisposable
{
    private static readonly string[] Weights = ["best.safetensors", "last.safetensors", "aligners.safetensors"];

    private readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    [Fact]
    public void The_same_recipe_gives_the_same_bytes_again()
    {
        var (first, second) = (Run("a", Trials.Three()[2]), Run("b", Trials.Three()[2]));

        RequireSameBytes(first.Runs[0], second.Runs[0]);
        Assert.Equal(first.Runs[0].Rows, second.Runs[0].Rows);
    }

    [Fact]
    public void Another_seed_gives_other_bytes()
    {
        var result = Run("a", Trials.Alone(1), Trials.Alone(2));

        Assert.NotEqual(Tensors(result.Runs[0]), Tensors(result.Runs[1]));
    }

    [Theory]
    [InlineData(TeacherSource.Live)]
    [InlineData(TeacherSource.Memory)]
    [InlineData(TeacherSource.Disk)]
    public void A_student_in_a_cohort_ends_as_the_one_that_ran_alone(TeacherSource source)
    {
        Recipe With(Recipe recipe) => recipe.Teacher is not { } teacher
            ? recipe
            : recipe with { Teacher = teacher with { Source = source, CacheFolder = root.File("cache") } };
        Recipe[] recipes = [.. Trials.Three().Select(With)];

        var together = Run("together", recipes);

        for (var i = 0; i < recipes.Length; i++)
        {
            RequireSameBytes(together.Runs[i], Run("alone", recipes[i]).Runs[0]);
        }
    }

    // Each brings something that must be the student's own: a mask drawn each step, running statistics, a buffer.
    [Theory]
    [InlineData(TeacherSource.Live)]
    [InlineData(TeacherSource.Memory)]
    public void Aligners_that_draw_or_keep_something_do_not_touch_each_other(TeacherSource source)
    {
        Recipe With(Recipe recipe) => recipe with { Teacher = recipe.Teacher! with { Source = source }, Epochs = 1 };
        Recipe[] recipes =
        [
            With(Trials.Distilled("masked", new MaskedGenerative(0.5, MaskKind.Spatial))),
            With(Trials.Distilled("masked too", new MaskedGenerative())),
            With(Trials.Distilled("normalized", new BatchNormLinear())),
            With(Trials.Distilled("orthogonal", new OrthogonalLinear())),
            With(Trials.Reviewed("review")),
        ];

        var together = Run("together", recipes);

        for (var i = 0; i < recipes.Length; i++)
        {
            RequireSameBytes(together.Runs[i], Run("alone", recipes[i]).Runs[0]);
        }

        Assert.Distinct(together.Runs.Select(Tensors));
    }

    [Fact]
    public void The_weights_of_a_review_are_kept_beside_the_student()
    {
        var run = Run("a", Trials.Reviewed("review")).Runs[0];

        using var file = KdNotebooks.Weights.SafeTensorsFile.Open(Path.Combine(run.Folder, "aligners.safetensors"));
        Assert.Contains("fused.fusion1.attention.weight", file.Tensors.Keys);
        Assert.Contains("layer1+layer2+layer3 review hcl", run.Epochs[0].Losses.Keys);
    }

    // A tapped convolution that were not folded with its normalization would round every later map another way.
    [Theory]
    [InlineData("conv1")]
    [InlineData("layer3.0.bn2")]
    public void What_another_student_taps_changes_nothing(string tap)
    {
        var recipe = Trials.Distilled("linear", new Linear());
        var other = recipe with
        {
            Method = "other",
            Connections = [new("layer3", tap, new Linear(), new L2Loss(), 1, SpatialPolicy.Resize)],
        };

        RequireSameBytes(Run("together", recipe, other).Runs[0], Run("alone", recipe).Runs[0]);
    }

    [Fact]
    public void The_rows_are_what_the_files_give_again()
    {
        var result = Run("a", Trials.Three());

        foreach (var run in result.Runs)
        {
            foreach (var which in new[] { "last", "best" })
            {
                var network = TrainedModel.Load(Path.Combine(run.Folder, $"{which}.safetensors")).Build();
                using var model = network.Root;
                var score = Evaluation.Scores(
                    run.Recipe.OpenTask(), [network], "test", torch.CPU, TestContext.Current.CancellationToken)[0];
                Assert.Equal(score.Headline.Value, Row(run, "accuracy", "test", which).Value);
                Assert.Equal(score.Loss, Row(run, "loss", "test", which).Value);
            }
        }
    }

    [Fact]
    public void The_rows_of_a_run_name_its_epochs_and_its_folder()
    {
        var run = Run("a", Trials.Alone()).Runs[0];

        var best = run.Epochs.MaxBy(epoch => epoch.Validation.Headline.Value)!;
        Assert.Equal(2, run.Epochs.Count);
        Assert.Equal(8, run.Rows.Count);
        Assert.Equal(run.Epochs[^1].Validation.Headline.Value, Row(run, "accuracy", "validation", "last").Value);
        Assert.Equal(run.Epochs[^1].Validation.Loss, Row(run, "loss", "validation", "last").Value);
        Assert.Equal(best.Validation.Headline.Value, Row(run, "accuracy", "validation", "best").Value);
        Assert.All(run.Rows, row => Assert.Equal(
            ("none", 1, Path.GetFileName(run.Folder)), (row.Method, row.Seed, row.Run)));
        Assert.Equal(2 + 8, File.ReadLines(Path.Combine(run.Folder, "metrics.jsonl")).Count());
    }

    [Fact]
    public void The_manifest_says_what_the_run_was_made_of()
    {
        var recipe = Trials.Distilled("linear", new Linear());
        var result = Run("a", recipe);
        var text = File.ReadAllText(Path.Combine(result.Runs[0].Folder, "manifest.json"));
        var manifest = JsonDocument.Parse(text).RootElement;
        var teacher = manifest.GetProperty("teacher");
        var data = KnownDatasets.Open(recipe.Data);

        Assert.Equal("complete", manifest.GetProperty("status").GetString());
        Assert.Equal(Path.GetFileName(result.Runs[0].Folder), manifest.GetProperty("id").GetString());
        Assert.Equal(recipe, RecipeJson.Read(manifest.GetProperty("recipe").GetRawText()));
        Assert.Equal(data.Fingerprint, manifest.GetProperty("data").GetProperty("fingerprint").GetString());
        Assert.Equal(64, manifest.GetProperty("data").GetProperty("train").GetInt32());
        Assert.Equal(result.Teacher!.Validation, teacher.GetProperty("validationAccuracy").GetDouble());
        Assert.Equal(TrainedModel.Load("fashion-teacher").Fingerprint, teacher.GetProperty("fingerprint").GetString());
        Assert.Equal("cpu", manifest.GetProperty("device").GetString());
        Assert.Equal(torch.get_num_threads(), manifest.GetProperty("threads").GetInt32());
        Assert.Equal("0.107.0", manifest.GetProperty("versions").GetProperty("TorchSharp").GetString());
        Assert.True(DateTime.TryParse(manifest.GetProperty("written").GetString(), out _));
    }

    [Fact]
    public void A_run_that_diverges_keeps_its_partial_folder_and_says_that_it_failed()
    {
        var recipe = Trials.Alone() with { Optimizer = new KdNotebooks.Training.Sgd(1e30) };

        var error = Assert.ThrowsAny<KdException>(() => Run("a", recipe));

        var folder = Assert.Single(Directory.GetDirectories(root.File("a/runs")));
        Assert.EndsWith(".partial", folder);
        var manifest = File.ReadAllText(Path.Combine(folder, "manifest.json"));
        Assert.Contains("\"status\": \"failed\"", manifest);
        Assert.Contains("Lower the learning rate", manifest);
        Assert.Contains("none seed 1", error.Message);
    }

    private ExperimentResult Run(string folder, params Recipe[] recipes) => Trials.Run(root.File(folder), recipes);

    private static ResultRow Row(RunResult run, string metric, string split, string epoch) =>
        run.Rows.Single(row => (row.Metric, row.Split, row.Epoch) == (metric, split, epoch));

    private static void RequireSameBytes(RunResult a, RunResult b)
    {
        Assert.Equal(Path.GetFileName(a.Folder), Path.GetFileName(b.Folder));
        Assert.All(Weights, name => Assert.True(
            Bytes(a, name).AsSpan().SequenceEqual(Bytes(b, name)), $"{a.Recipe.Method}: {name} differs."));
    }

    private static byte[] Bytes(RunResult run, string name) => File.ReadAllBytes(Path.Combine(run.Folder, name));

    private static string Tensors(RunResult run)
    {
        using var model = TrainedModel.Load(Path.Combine(run.Folder, "last.safetensors")).Build().Root;
        return KdNotebooks.Weights.StateDict.Fingerprint(model);
    }
}
