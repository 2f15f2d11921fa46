using KdNotebooks.Analysis;
using KdNotebooks.Data;
using KdNotebooks.Extensions.Tests.Kernel;
using KdNotebooks.Interactive.Magics;
using KdNotebooks.Invariants;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Runs;
using KdNotebooks.Teachers;

namespace KdNotebooks.Extensions.Tests.Interactive.Magics;

// Displays belong to the process: no cell of another test may run meanwhile.
[Collection(EngineCollection.Name)]
public sealed class MagicLineTests : IDisposable
{
    private readonly Shown shown = new();

    public MagicLineTests() => shown["recipe"] = Shown.Recipe;

    public void Dispose() => shown.Dispose();

    [Theory]
    [InlineData("#!kd-abblate", "There is no magic command #!kd-abblate; the nearest is #!kd-ablate.")]
    [InlineData("#!kd-ablate --aligners none", "Unknown option '--aligners'; did you mean '--aligner'?")]
    [InlineData("#!kd-ablate --aligner none,linaer", "'linaer' is no aligner; the nearest is 'linear'.")]
    [InlineData("#!kd-ablate --recipe @recip", "no cell has bound that name; the nearest is @recipe.")]
    [InlineData("#!kd-ablate --recipe nowhere.json", "'nowhere.json', a file that cannot be read")]
    [InlineData("#!kd-ablate --seeds many", "--seeds is 'many'; expected a whole number of at least 1.")]
    [InlineData("#!kd-ablate --seeds 5,5", "names a seed twice")]
    [InlineData("#!kd-ablate --aligner none,,linear", "in which a name is empty")]
    [InlineData("#!kd-ablate --as 1st", "expected a name that F# can bind")]
    [InlineData("#!kd-compare --methods none,mgdd", "'mgdd' is no method; the nearest is 'mgd'.")]
    [InlineData("#!kd-compare --methods kd=-1", "--methods is '-1'; expected a number of at least 0.")]
    [InlineData("#!kd-check", "--loss is missing; expected LOSS.")]
    [InlineData("#!kd-check att", "the nearest is 'at'.")]
    [InlineData("#!kd-check at --claims Distanz", "the nearest is Distance.")]
    [InlineData("#!kd-check at --like aat", "the nearest is 'at'.")]
    [InlineData("#!kd-data fashion-mnist-minni", "the nearest is 'fashion-mnist-mini'.")]
    [InlineData("#!kd-data --split tset", "expected one of train, validation, test.")]
    [InlineData("#!kd-taps nothing-here", "--model: Trained model 'nothing-here' is neither in the package")]
    [InlineData("#!kd-plot difference --of @recipe", "--of is a Recipe; 'difference' is drawn of a result.")]
    [InlineData("#!kd-plot diference --of @recipe", "the nearest is 'difference'.")]
    [InlineData("#!kd-plot maps --of nowhere", "nowhere is no run: it has no manifest.json.")]
    [InlineData("#!kd-export --run nowhere", "expected the folder of a run that is complete")]
    [InlineData("#!kd-distill --epochs 0", "--epochs is '0'; expected a whole number of at least 1.")]
    public void What_is_wrong_is_said_with_the_nearest_name_that_is_right(string line, string expected) =>
        Assert.Contains(expected, shown.Refusal(line));

    [Fact]
    public void An_ablation_trains_every_variant_with_every_seed_and_names_its_result()
    {
        shown.Run("#!kd-ablate --aligner none,linear=2,mlp0 --alpha 1,3 --seeds 7,8 --as ab");
        var result = Assert.IsType<ExperimentResult>(shown["ab"]);
        Assert.Equal(
            ["none", "linear", "mlp-0, alpha 1", "mlp-0, alpha 3"],
            result.Runs.Select(run => run.Recipe.Method).Distinct());
        Assert.All(result.Runs.GroupBy(run => run.Recipe.Method), runs =>
            Assert.Equal([7, 8], runs.Select(run => run.Recipe.Seed)));
        Assert.Equal(2, result.Runs.First(run => run.Recipe.Method == "linear").Recipe.Connections[0].Alpha);
        Assert.Contains("Test accuracy (%), last epoch", shown.Text);
        Assert.Contains("Dot plot with intervals.", shown.Text);
    }

    [Fact]
    public void Numbers_and_lists_can_be_a_cell_s_own()
    {
        (shown["few"], shown["which"], shown["name"]) = (1, new[] { 4, 5 }, "by value");
        shown.Run("#!kd-distill --epochs @few --seeds @which --name @name --as run1");
        var result = Assert.IsType<ExperimentResult>(shown["run1"]);
        Assert.Equal([4, 5], result.Runs.Select(run => run.Recipe.Seed));
        Assert.Equal("by value", result.Runs[0].Recipe.Method);
        Assert.Contains("which is a Recipe; expected a number", shown.Refusal("#!kd-distill --epochs @recipe"));
    }

    [Fact]
    public void Distilling_changes_the_weight_and_leaves_the_recipe()
    {
        shown.Run($"#!kd-distill --alpha 0.5 --name \"weak one\" --out \"{shown.Folder.At("here")}\" --as run1");
        var run = Assert.Single(Assert.IsType<ExperimentResult>(shown["run1"]).Runs);
        Assert.Equal(("weak one", 0.5), (run.Recipe.Method, run.Recipe.Connections[0].Alpha));
        Assert.Equal(5, Shown.Recipe.Connections[0].Alpha);
        Assert.True(File.Exists(shown.Folder.At("here", "results.json")));
    }

    [Fact]
    public void A_weight_that_a_comparison_leaves_out_is_measured_and_shown()
    {
        shown.Run("#!kd-compare --methods none,kd,at=50 --seeds 1 --as all");
        var runs = Assert.IsType<ExperimentResult>(shown["all"]).Runs;
        Assert.Equal(["none", "kd", "at"], runs.Select(run => run.Recipe.Method));
        Assert.Equal(50, runs[2].Recipe.Connections[0].Alpha);
        Assert.Contains("makes the two gradients equal", shown.Text);
        var report = AlphaProbe.Measure([runs[1].Recipe]);
        Assert.Equal(report.Terms[0].Suggested, runs[1].Recipe.Logits!.Weight);
    }

    [Fact]
    public void Alpha_measures_the_recipe_s_own_terms()
    {
        shown.Run("#!kd-alpha --steps 1 --batches 1 --as weights");
        var report = Assert.IsType<AlphaReport>(shown["weights"]);
        Assert.Equal((1, 1), (report.Steps, report.Batches));
        Assert.Equal("mlp-1", Assert.Single(report.Terms).Method);
    }

    [Theory]
    [InlineData("#!kd-check kd --cases 3 --as report")]
    [InlineData("#!kd-check @mine --cases 3 --as report")]
    [InlineData("#!kd-check kd --like dist --cases 3 --as report")]
    public void Checking_takes_a_name_or_a_value(string line)
    {
        shown["mine"] = new L2Loss();
        shown.Run(line);
        Assert.Equal(3, Assert.IsType<InvariantReport>(shown["report"]).Cases);
    }

    [Fact]
    public void Taps_shows_student_and_teacher_of_the_recipe_or_one_model()
    {
        shown.Run("#!kd-taps --as both");
        Assert.Equal(2, Assert.IsType<List<ModuleTable>>(shown["both"]).Count);
        shown.Run("#!kd-taps resnet-8x3 --as one");
        var rows = Assert.IsType<ModuleTable>(shown["one"]).Rows;
        Assert.Equal([3, 28, 28], rows.First(row => row.Path == "conv1").Shape);
    }

    [Fact]
    public void Data_shows_splits_classes_and_images()
    {
        shown["few"] = new DataSpec("fashion-mnist-mini", 100, 100, 100);
        shown.Run("#!kd-data @few --split test --count 4 --as images");
        Assert.Equal(100, Assert.IsType<Dataset>(shown["images"]).Train.Count);
        Assert.Contains("images: fashion-mnist-mini test", shown.Text);
    }

    [Fact]
    public void An_exported_student_can_be_loaded_again()
    {
        shown.Run("#!kd-ablate --aligner none,mlp1 --seeds 1 --as result");
        var file = shown.Folder.At("out", "student.safetensors");
        shown.Run($"#!kd-export --method mlp-1 --epoch best --out \"{file}\" --as path");
        Assert.Equal(file, shown["path"]);
        Assert.Equal(new ResNetSpec(8, 4), TrainedModel.Load(file).Spec);
        Assert.Contains("'linear', which was not run", shown.Refusal("#!kd-export --method linear"));
        Assert.Contains("was run with 1.", shown.Refusal("#!kd-export --seed 2"));
    }

    [Fact]
    public void Every_figure_of_a_result_is_drawn_and_can_be_written_as_a_page()
    {
        shown.Run("#!kd-ablate --aligner none,mlp1 --seeds 2 --as result");
        shown.Run("#!kd-alpha --steps 1 --batches 1 --as weights");
        // Classes are counted, nothing is drawn over anything: "precision" is for tasks that do.
        Assert.Contains("ClassificationTask draws no curve", shown.Refusal("#!kd-plot precision"));
        foreach (var kind in MagicCatalogue.Find("plot").Options[0].Known.Except(["precision"]))
        {
            var page = shown.Folder.At($"{kind}.html");
            var of = kind == "alpha" ? "@weights" : "@result";
            shown.Run($"#!kd-plot {kind} --of {of} --image 3 --out \"{page}\" --as drawn");
            Assert.True(shown.TryGet("drawn", out var drawn) && drawn is not null);
            Assert.Contains("</body></html>", File.ReadAllText(page));
        }

        Assert.Contains("'linear', which was not run", shown.Refusal("#!kd-plot maps --method linear"));
        shown.Run("#!kd-plot scenes --image 4,1 --seed 2 --as seen");
        var seen = Assert.IsType<PredictionTable>(shown["seen"]);
        Assert.Equal(["none, seed 2", "mlp-1, seed 2"], seen.Models);
        Assert.Equal([4, 1], seen.Images.Select(image => image.Index));
        Assert.Contains("of a report that kd-alpha gives", shown.Refusal("#!kd-plot alpha"));
    }

    [Fact]
    public void Info_finds_the_native_libraries_and_the_packaged_data()
    {
        shown.Run("#!kd-info");
        Assert.Contains("Fashion-MNIST mini, embedded, sound", shown.Text);
    }

    [Fact]
    public void Every_command_has_help_that_names_all_its_options()
    {
        foreach (var command in MagicCatalogue.All)
        {
            shown.Run($"#!{command.Name} -h");
            Assert.All(command.AllOptions, option => Assert.Contains(option.Help, shown.Text));
        }

        shown.Run("#!lsmagic");
        Assert.All(MagicCatalogue.All, command => Assert.Contains($"#!{command.Name}", shown.Text));
    }

    [Fact]
    public void Every_example_can_be_read()
    {
        foreach (var command in MagicCatalogue.All)
        {
            var words = MagicParser.Words(command.Example);
            Assert.Equal(command.Name, words[0]);
            Assert.NotNull(MagicParser.Read(command, [.. words.Skip(1)]));
        }
    }
}
