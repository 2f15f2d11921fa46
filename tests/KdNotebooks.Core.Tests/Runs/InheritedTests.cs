using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Models;
using KdNotebooks.Models.Detection;
using KdNotebooks.Native;
using KdNotebooks.Recipes;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Detection;
using KdNotebooks.Teachers;
using KdNotebooks.Weights;

namespace KdNotebooks.Tests.Runs;

/// <summary>A student that begins with parts of its teacher.</summary>
[Collection(TorchState.Name)]
public sealed class InheritedTests : IDisposable
{
    // ResNet-14 (width 24) teaches ResNet-8 of its width, which has every first block of it.
    private static readonly Recipe Recipe = Trials.Alone() with
    {
        Data = new DataSpec("fashion-mnist-mini", 16, 20, 20),
        Student = new ResNetSpec(8, 24),
        Teacher = new TeacherSpec("fashion-teacher"),
        Epochs = 1,
        BatchSize = 8,
    };

    private readonly TemporaryFolder root = new();
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        root.Dispose();
    }

    [Theory]
    [InlineData("layer3.0", "fc")]
    [InlineData("layer1.0.bn1", "conv1")]
    [InlineData("fc.bias")]
    public void Named_parts_are_the_teachers_and_all_else_is_as_without(params string[] paths)
    {
        var teacher = TrainedModel.Load(Recipe.Teacher!.Weights);
        var task = Recipe.OpenTask();

        var (plain, drawnAfter) = Start(Recipe);
        var (heir, drawnAfterToo) = Start(Recipe with { Inherited = paths });

        using var file = SafeTensorsFile.Open(teacher.Path);
        var (before, after) = (plain.Root.state_dict(), heir.Root.state_dict());
        Assert.All(after, entry => TensorAssert.Same(
            paths.Any(path => entry.Key == path || entry.Key.StartsWith(path + ".", StringComparison.Ordinal))
                ? file.Load(entry.Key)
                : before[entry.Key],
            entry.Value));
        Assert.Contains(after, entry => !before[entry.Key].equal(entry.Value).all().item<bool>());
        TensorAssert.Same(drawnAfter, drawnAfterToo); // what comes after it, such as an aligner, draws the same

        (INetwork Student, Tensor Drawn) Start(Recipe each) => TorchGenerator.Seeded(
            5, () => (each.FirstStudent(task, teacher), torch.randn(4)));
    }

    [Fact]
    public void What_is_inherited_comes_after_what_is_begun_with()
    {
        var other = root.File("other.safetensors");
        Seed.Set(9);
        StateDict.Save(other, new ResNetSpec(8, 24).Build(1, 7)); // its last layer is of other classes, and drawn
        var recipe = Recipe with { Initial = new InitialWeights(other), Inherited = ["layer3.0", "fc"] };
        var trained = TrainedModel.Load(recipe.Teacher!.Weights);

        var student = recipe.FirstStudent(recipe.OpenTask(), trained, out var drawn);

        using var teacher = SafeTensorsFile.Open(trained.Path);
        using var begun = SafeTensorsFile.Open(other);
        Assert.Empty(drawn);
        TensorAssert.Same(begun.Load("layer1.0.conv1.weight"), student.Root.state_dict()["layer1.0.conv1.weight"]);
        TensorAssert.Same(teacher.Load("layer3.0.conv1.weight"), student.Root.state_dict()["layer3.0.conv1.weight"]);
        TensorAssert.Same(teacher.Load("fc.weight"), student.Root.state_dict()["fc.weight"]);
    }

    [Fact]
    public void A_run_with_inherited_parts_is_another_run_and_comes_out_the_same_again()
    {
        var plain = Recipe with
        {
            Method = "linear",
            Connections = [new("layer3", "layer3", new KdNotebooks.Aligners.Linear(), new KdNotebooks.Losses.L2Loss(), 1)],
        };
        var heir = plain with { Method = "heir", Inherited = ["layer2.0", "fc"] };
        var alone = Recipe with { Method = "heir alone", Inherited = heir.Inherited };

        var runs = Trials.Run(root.File("one"), plain, heir, alone).Runs;
        var again = Trials.Run(root.File("two"), heir).Runs[0];

        Assert.Equal(Bytes(runs[1]), Bytes(again));
        Assert.Equal(Path.GetFileName(runs[1].Folder), Path.GetFileName(again.Folder));
        Assert.Equal(3, runs.Select(run => Convert.ToHexString(Bytes(run))).Distinct().Count());
        Assert.True(AlphaProbe.Measure([heir], new AlphaOptions(1, 1), Silent()).Terms.Count == 1);
    }

    [Fact]
    public void What_cannot_be_inherited_is_refused_in_one_line_before_training()
    {
        Assert.Equal(
            "Recipe 'none': it inherits 'fc', but names no teacher; give it one (`teacher`), or inherit nothing.",
            Refused(Recipe with { Teacher = null, Inherited = ["fc"] }));
        var nowhere = Refused(Recipe with { Inherited = ["lay3", "fc", "head"] });
        Assert.Contains("'lay3' stands for no weights in the file and the module (the module's nearest is 'layer3')", nowhere);
        Assert.Contains("'head' stands for no weights", nowhere);
        Assert.Contains(
            "'layer2.1' stands for no weights in the module", Refused(Recipe with { Inherited = ["layer2.1"] }));
        var deep = Refused(Recipe with { Inherited = ["layer2"] });
        Assert.Contains("Unexpected in the file: 12: layer2.1.bn1.bias", deep);
        var wide = Refused(Recipe with { Student = new ResNetSpec(8, 20), Inherited = ["layer1.0", "fc"] });
        Assert.Contains("fc.weight (file F32 [10, 96], module F32 [10, 80])", wide);
        Assert.Contains("layer1.0.conv1.weight", wide);
        Assert.DoesNotContain("layer2", wide);
        Assert.DoesNotContain("classes", wide);
        var other = Recipe with { Teacher = new TeacherSpec(Other()) };
        var classes = Refused(other with { Inherited = ["layer3", "fc"] });
        Assert.Contains("fc.bias (file F32 [7], module F32 [10])", classes);
        Assert.Contains("It tells 7 classes apart, fashion-mnist-mini (16/20/20) has 10: leave out what depends on them.", classes);
        Assert.False(Directory.Exists(Path.Combine(root.File("refused"), "runs")));

        // What does not depend on the classes can be inherited from such a teacher.
        Trials.Run(root.File("other"), other with { Inherited = ["layer3"] });
    }

    [Fact]
    public void A_detectors_neck_and_head_are_inherited_where_their_channels_agree()
    {
        var scenes = FashionThings.Make(new FashionScenesOptions(4, 4, 0, 64));
        var task = new DetectionTask(
            new Dataset("four", scenes.Train, scenes.Train, null, scenes.Mean, scenes.Std), PaddedCrop.None,
            new DetectionSpec());
        var recipe = Trials.Alone() with
        {
            Student = new RetinaNetSpec(18, 4, 16, 8, 1),
            Task = new DetectionSpec(),
            Teacher = new TeacherSpec(root.File("retina.safetensors")),
            Inherited = ["backbone.fpn.layer_blocks", "backbone.fpn.extra_blocks", "head"],
        };
        Seed.Set(3);
        using var model = new RetinaNetSpec(34, 8, 16, 8, 1).Build(3, scenes.ClassNames.Count);
        TrainedModel.Save(
            recipe.Teacher.Weights, model, recipe with { Student = new RetinaNetSpec(34, 8, 16, 8, 1) }, 3,
            scenes.ClassNames.Count);
        var teacher = TrainedModel.Load(recipe.Teacher.Weights);

        using var student = recipe.FirstStudent(task, teacher).Root;

        TensorAssert.Same(
            model.state_dict()["head.classification_head.cls_logits.weight"],
            student.state_dict()["head.classification_head.cls_logits.weight"]);
        TensorAssert.Same(
            model.state_dict()["backbone.fpn.extra_blocks.p6.bias"], student.state_dict()["backbone.fpn.extra_blocks.p6.bias"]);
        var narrow = Assert.Throws<KdException>(
            () => (recipe with { Inherited = ["backbone.fpn", "head"] }).FirstStudent(task, teacher)).Message;
        Assert.Contains("inner_blocks.0.0.weight (file F32 [16, 16, 1, 1], module F32 [16, 8, 1, 1])", narrow);
        Assert.Contains("Different: 3:", narrow);
    }

    [Fact]
    public void Only_a_recipe_that_inherits_says_so_in_json()
    {
        var plain = Trials.Distilled("linear", new KdNotebooks.Aligners.Linear());
        var heir = plain with { Inherited = ["backbone.fpn", ""] };

        Assert.DoesNotContain("inherited", RecipeJson.Write(plain));
        Assert.Equal(heir, RecipeJson.Read(RecipeJson.Write(heir)));
        Assert.NotEqual(plain.Hash(), heir.Hash());
        Assert.Equal(plain.Alone(), heir.Alone());
        Assert.Contains("no path", Assert.Throws<KdException>(() => plain with { Inherited = [] }).Message);
        var json = RecipeJson.Write(heir);
        Assert.Contains("no path", Unread(json.Replace("\"backbone.fpn\",", "").Replace("\"\"", "")));
        Assert.Contains("'null'", Unread(json.Replace("\"backbone.fpn\"", "null")));
        Assert.Contains("inherited", Unread(json.Replace("\"backbone.fpn\"", "3")));
    }

    private static string Unread(string json) => Assert.Throws<KdException>(() => RecipeJson.Read(json)).Message;

    private string Refused(Recipe recipe)
    {
        var message = Assert.Throws<KdException>(() => Trials.Run(root.File("refused"), recipe)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    private RunContext Silent() => new(ProgressReporter.Silent, root.File("alpha"), TestContext.Current.CancellationToken);

    private static byte[] Bytes(RunResult run) => File.ReadAllBytes(Path.Combine(run.Folder, "last.safetensors"));

    // Untrained, and of other classes: not measured.
    private string Other()
    {
        var path = root.File("seven.safetensors");
        Seed.Set(4);
        using var model = new ResNetSpec(8, 24).Build(1, 7);
        TrainedModel.Save(path, model, Recipe, 1, 7);
        return path;
    }
}
