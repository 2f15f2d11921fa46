using KdNotebooks.Distillation;
using KdNotebooks.Models;
using KdNotebooks.Native;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;
using KdNotebooks.Tests.Runs;
using KdNotebooks.Training;
using KdNotebooks.Weights;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Weights;

[Collection(TorchState.Name)]
public sealed class InitialWeightsTests : IDisposable
{
    private static readonly SegmenterSpec Student = new(Width: 4);

    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("module")]
    public void A_backbone_begins_with_a_classifiers_weights_and_the_head_with_its_own(string? prefix)
    {
        var classifier = Classifier(width: 4);
        var file = Save(classifier, prefix);
        Seed.Set(1);
        var plain = Student.Build(3, 5);
        Seed.Set(1);
        var begun = Student.Build(3, 5);

        new InitialWeights(file, Prefix: prefix).LoadInto(begun);

        var (known, before, after) = (classifier.state_dict(), plain.state_dict(), begun.state_dict());
        Assert.All(after, entry => TensorAssert.Same(
            entry.Key.StartsWith("backbone.", StringComparison.Ordinal)
                ? known[entry.Key["backbone.".Length..]]
                : before[entry.Key],
            entry.Value));
        TensorAssert.Differ(before["backbone.layer1.0.conv1.weight"], after["backbone.layer1.0.conv1.weight"]);
    }

    [Fact]
    public void Weights_that_are_missing_or_of_another_shape_are_named()
    {
        var student = Student.Build(3, 5);
        var wide = Assert.Throws<KdException>(() => new InitialWeights(Save(Classifier(8), null)).LoadInto(student));
        Assert.Contains("layer1.0.conv1.weight", wide.Message);
        var file = Save(Classifier(4), null);
        Assert.Contains(
            "below 'teacher.'",
            Assert.Throws<KdException>(() => new InitialWeights(file, Prefix: "teacher").LoadInto(student)).Message);
        Assert.Contains(
            "the nearest is 'backbone'",
            Assert.Throws<KdException>(() => new InitialWeights(file, "backbon").LoadInto(student)).Message);
        Assert.Contains(
            "none.safetensors",
            Assert.Throws<KdException>(() => new InitialWeights("none.safetensors").LoadInto(student)).Message);
    }

    [Theory]
    [InlineData("backbone")]
    [InlineData("")]
    public void A_classifier_begins_with_all_of_another_of_its_classes(string module)
    {
        var (known, begun) = (Classifier(4), Blank(7));

        var drawn = new InitialWeights(Save(known, null), module).LoadInto(begun);

        Assert.Empty(drawn);
        Assert.Equal(StateDict.Fingerprint(known), StateDict.Fingerprint(begun));
    }

    [Theory]
    [InlineData("backbone", true, null)]
    [InlineData("backbone", true, "teacher")]
    [InlineData("backbone", false, null)]
    public void A_classifier_of_other_classes_begins_with_all_but_its_last_layer(
        string module, bool hasLast, string? prefix)
    {
        var (known, begun) = (Classifier(4), Blank(3));
        var before = begun.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.clone());
        var file = Save(known, prefix, without: hasLast ? "" : "fc.");

        var drawn = new InitialWeights(file, module, prefix).LoadInto(begun);

        Assert.Equal(["fc.bias", "fc.weight"], drawn.Order(StringComparer.Ordinal));
        Assert.All(begun.state_dict(), entry => TensorAssert.Same(
            drawn.Contains(entry.Key) ? before[entry.Key] : known.state_dict()[entry.Key], entry.Value));
    }

    [Fact]
    public void What_is_no_backbone_of_the_classifier_is_refused_and_the_way_is_named()
    {
        var file = Save(Classifier(4), null);

        Assert.Contains("fc.weight", Refused(new InitialWeights(file, ""), Blank(3))); // whole means whole
        Assert.Contains("Module \"\" is the whole student", Refused(new InitialWeights(file, "bakbone"), Blank(7)));
        Assert.Contains("layer1.0.conv1.weight", Refused(new InitialWeights(file), Blank(7, width: 8)));
        Assert.Contains("conv1", Refused(new InitialWeights(file, Prefix: "none"), Blank(7)));
        Assert.Contains("below each of", Refused(new InitialWeights(file), Linear(5, 2))); // a last layer, and no other
        Assert.Contains(
            "fc.weight", Refused(new InitialWeights(Save(Classifier(4), null, without: "fc.bias")), Blank(3)));
    }

    [Fact]
    public void A_run_of_other_classes_notes_what_was_drawn()
    {
        var path = folder.File("seven.safetensors");
        StateDict.Save(path, new ResNetSpec(8, 8).Build(1, 7));

        var run = Trials.Run(
            folder.File("out"), Trials.Alone() with { Epochs = 1, Initial = new InitialWeights(path) }).Runs[0];

        var manifest = File.ReadAllText(Path.Combine(run.Folder, "manifest.json"));
        Assert.Contains(
            "seven.safetensors has no fc.weight, fc.bias for 10 classes; they are drawn from the seed.", manifest);
        Assert.Equal(
            ["fc.weight", "fc.bias"],
            System.Text.Json.Nodes.JsonNode.Parse(manifest)!["drawn"]!.AsArray().Select(name => (string?)name));
    }

    [Fact]
    public void A_run_begins_there_and_is_another_run_for_it()
    {
        var recipe = Trials.Alone() with { Epochs = 1 };
        var trained = Trials.Run(folder.File("first"), recipe).Runs[0];
        var file = Path.Combine(trained.Folder, "last.safetensors");
        var further = recipe with
        {
            Initial = new InitialWeights(file, TapSet.Output),
            Optimizer = new Sgd(1e-12, 0, 0), // it stays where it begins
        };

        var run = Trials.Run(folder.File("second"), further).Runs[0];

        using var before = SafeTensorsFile.Open(file);
        using var after = SafeTensorsFile.Open(Path.Combine(run.Folder, "last.safetensors"));
        TensorAssert.Near(before.Load("fc.weight"), after.Load("fc.weight"), 1e-6);
        Assert.NotEqual(
            new RunIdentity(further, "d", null, "a").Hash, new RunIdentity(further, "d", null, "b").Hash);
        Assert.Contains(
            $"\"initial\": \"{Sha256.OfFile(file)}\"", File.ReadAllText(Path.Combine(run.Folder, "manifest.json")));
    }

    private static DeepResNet Classifier(int width)
    {
        Seed.Set(2);
        return new DeepResNet(new DeepResNetOptions(18, width, DeepStem: true, Classes: 7));
    }

    // Another seed than the file's.
    private static DeepResNet Blank(int classes, int width = 4)
    {
        Seed.Set(3);
        return new DeepResNet(new DeepResNetOptions(18, width, DeepStem: true, Classes: classes));
    }

    private static string Refused(InitialWeights weights, Module student) =>
        Assert.Throws<KdException>(() => weights.LoadInto(student)).Message;

    private string Save(Module model, string? prefix, string without = "-")
    {
        var file = folder.File($"{Guid.NewGuid():N}.safetensors");
        var kept = model.state_dict().Where(
            entry => without == "" || !entry.Key.StartsWith(without, StringComparison.Ordinal));
        SafeTensors.Write(file, kept.ToDictionary(
            entry => prefix is null ? entry.Key : $"{prefix}.{entry.Key}", entry => entry.Value));
        return file;
    }
}
