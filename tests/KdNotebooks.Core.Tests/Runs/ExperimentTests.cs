using KdNotebooks.Aligners;
using KdNotebooks.Datasets;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Recipes;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;
using KdNotebooks.Training;

namespace KdNotebooks.Tests.Runs;

[Collection(TorchState.Name)]
public sealed class ExperimentTests : IDisposable
{
    private readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    [Fact]
    public void No_recipe_is_refused() => Refused([], "there is no recipe to run");

    [Fact]
    public void Two_recipes_of_one_name_and_seed_are_refused() => Refused(
        [Trials.Alone(), Trials.Alone() with { Epochs = 9 }], "2 recipes are called 'none' with seed 1");

    [Fact]
    public void Distilling_without_a_teacher_is_refused()
    {
        Refused([Mlp with { Teacher = null }], "Recipe 'mlp-1': it has connections to a teacher, but names no teacher");
        Refused(
            [Trials.Alone() with { Logits = new(new KdLoss(), 1) }],
            "Recipe 'none': it has connections to a teacher, but names no teacher");
        Refused(
            [Trials.Reviewed("review") with { Teacher = null }],
            "Recipe 'review': it has connections to a teacher, but names no teacher");
    }

    // What is wrong with the last recipe, of the last seed, and what the message then says.
    public static TheoryData<Recipe, string, string> Wrong { get; } = new()
    {
        { Tapped("layer9", "layer3"), "Recipe 'wrong': Tap 'layer9'", "nearest is 'layer" },
        { Tapped("layer3", "layer9"), "Tap 'layer9'", "nearest is 'layer" },
        { Tapped("layer2", "layer3"), "Recipe 'wrong'", "differ in size" },
        { Tapped("fc", "layer3"), "Recipe 'wrong': Tap 'fc'", "needs a map [C, H, W]" },
        { Mlp with { Student = new ResNetSpec(9) }, "Recipe 'wrong': ResNet: depth is 9", "expected 6n + 2" },
        { Mlp with { Optimizer = new Sgd(-1) }, "Recipe 'wrong': Sgd", "is out of range" },
        { Mlp with { Logits = new(new KdLoss(0), 1) }, "Recipe 'wrong': KdLoss", "temperature is 0" },
        { Tapped("layer3", "layer3", new ChannelMlp(9)), "Recipe 'wrong'", "depth is 9" },
        { Tapped("layer3", "layer3", new Identity()), "Recipe 'wrong'", "equal channels" },
        { Reviewed("layer2", "layer9"), "Tap 'layer9'", "nearest is 'layer" },
        { Reviewed("layer2", "layer2"), "Recipe 'wrong': Review 'layer3+layer2 review l2'", "from shallow to deep" },
        { Reviewed("layer2", "layer3"), "Recipe 'wrong': Review", "differ in size" },
        { Related with { BatchSize = 2 }, "Recipe 'wrong': RkdLoss", "needs at least 3" },
        { Mlp with { Parameters = new(Frozen: ["layer9"]) }, "Recipe 'wrong': Tap 'layer9'", "nearest is 'layer" },
        { Mlp with { Parameters = new(FrozenNorms: ["bn9"]) }, "Recipe 'wrong': Tap 'bn9'", "nearest is 'bn" },
        { Mlp with { Parameters = new(Rates: [new("layer9", 1)]) }, "Recipe 'wrong': Tap 'layer9'", "nearest is 'layer" },
        { Mlp with { BatchSize = 65 }, "a batch of 65", "64 training images" },
        { Mlp with { Epochs = 0 }, "0 epochs", "expected at least 1" },
        { Mlp with { Device = "gpu" }, "Device 'gpu'", "expected 'auto', 'cpu'" },
        { Mlp with { Data = new("fashion") }, "Dataset 'fashion' is not known", "nearest is 'fashion-mnist'" },
        { Mlp with { Data = new("fashion-mnist-mini", 5001) }, "asked for 5001 images", "5000" },
        { Mlp with { Teacher = new("fashion-techer") }, "'fashion-techer' is neither in", "fashion-teacher" },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void An_error_in_the_last_recipe_comes_before_anything_is_trained(Recipe wrong, string what, string mend)
    {
        var error = Refused([Trials.Alone(), Trials.Alone(2), wrong with { Method = "wrong", Seed = 3 }], what);

        Assert.Contains(mend, error.Message);
    }

    [Fact]
    public void A_teacher_near_chance_is_refused() => Refused(
        [Mlp with { Teacher = new(Trials.Blank(root.File("random.safetensors"))) }], "near chance (10.00 %)");

    [Fact]
    public void A_teacher_of_other_images_is_refused() => Refused(
        [Mlp with { Teacher = new(Trials.Blank(root.File("rgb.safetensors"), channels: 3, classes: 5)) }],
        "Teacher 'rgb' takes 3 channels and gives 5 classes");

    [Fact]
    public void A_damaged_teacher_file_is_refused_by_name()
    {
        var path = Trials.Blank(root.File("cut.safetensors"));
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^10]);

        Refused([Mlp with { Teacher = new(path) }], path);
    }

    [Fact]
    public void What_was_refused_leaves_an_earlier_partial_run_as_it_was()
    {
        var recipe = Trials.Alone();
        var identity = new RunIdentity(recipe, KnownDatasets.Open(recipe.Data).Fingerprint, null);
        var kept = Directory.CreateDirectory(root.File($"runs/{identity.Id}.partial")).FullName;

        var wrong = Tapped("layer9", "layer3") with { Seed = 2 };
        Assert.Throws<KdException>(() => Trials.Run(root.Path, recipe, wrong));

        Assert.True(Directory.Exists(kept));
        Assert.Single(Directory.GetDirectories(root.File("runs")));
    }

    [Fact]
    public void Results_come_in_the_order_of_the_recipes_with_the_first_as_baseline()
    {
        Recipe[] recipes = [Trials.Alone(2), Mlp with { Seed = 2 }, Trials.Alone(1)];

        var result = Trials.Run(root.Path, recipes);

        Assert.Equal(recipes, result.Runs.Select(run => run.Recipe));
        Assert.Equal("none", result.Table.Baseline);
        Assert.Equal(3 * 8, result.Table.Rows.Count);
        Assert.Equal(["none", "mlp-1", "none"], result.Curves.Curves.Select(curve => curve.Method));
        Assert.Equal([2, 2, 1], result.Curves.Curves.Select(curve => curve.Seed));
        Assert.All(result.Curves.Curves, curve => Assert.Equal(2, curve.Values.Count));
        Assert.Equal("fashion-teacher", result.Teacher!.Name);
        Assert.True(result.Elapsed > TimeSpan.Zero);
        Assert.All(Directory.GetDirectories(root.File("runs")), folder => Assert.DoesNotContain(".partial", folder));
    }

    [Fact]
    public void Cancelled_it_stops_and_keeps_the_partial_run()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => Experiment.Run(
            [Trials.Alone()], new RunContext(ProgressReporter.Silent, root.Path, stop.Token)));

        Assert.EndsWith(".partial", Assert.Single(Directory.GetDirectories(root.File("runs"))));
    }

    [Fact]
    public void Losses_that_compare_images_with_each_other_or_look_at_labels_train_a_student()
    {
        var result = Trials.Run(root.Path, Related with { BatchSize = 3, Epochs = 1 }, Trials.Distilled(
            "cc", new Identity()) with
        {
            BatchSize = 3,
            Epochs = 1,
            Connections = [new("layer2", "layer3", new Identity(), new CcLoss(), 0.02)],
            Logits = new(new DistLoss(), 2),
        });

        Assert.Equal(["rkd", "cc"], result.Curves.Curves.Select(curve => curve.Method));
    }

    private static Recipe Related => Trials.Distilled("rkd", new Identity()) with
    {
        Connections = [new("layer2", "layer3", new Identity(), new RkdLoss(), 1)],
        Logits = new(new DkdLoss(), 1),
    };

    private static Recipe Mlp => Trials.Distilled("mlp-1", new ChannelMlp());

    private static Recipe Tapped(string student, string teacher, IAligner? aligner = null) => Mlp with
    {
        Connections = [new(student, teacher, aligner ?? new Linear(), new L2Loss(), 1)],
    };

    private static Recipe Reviewed(string student, string teacher) => Mlp with
    {
        Fused = new([new("layer3", "layer3"), new(student, teacher)], new L2Loss(), 1),
    };

    private KdException Refused(Recipe[] recipes, string message)
    {
        var error = Assert.Throws<KdException>(() => Trials.Run(root.Path, recipes));
        Assert.Contains(message, error.Message);
        Assert.False(Directory.Exists(root.File("runs")), "A run was begun before the error came.");
        return error;
    }
}
