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

    private string Save(Module model, string? prefix)
    {
        var file = folder.File($"{Guid.NewGuid():N}.safetensors");
        SafeTensors.Write(file, model.state_dict().ToDictionary(
            entry => prefix is null ? entry.Key : $"{prefix}.{entry.Key}", entry => entry.Value));
        return file;
    }
}
