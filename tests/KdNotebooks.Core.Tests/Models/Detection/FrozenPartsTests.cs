using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Masks;
using KdNotebooks.Models;
using KdNotebooks.Models.Detection;
using KdNotebooks.Native;
using KdNotebooks.Ops;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Detection;
using KdNotebooks.Tests.Runs;
using KdNotebooks.Weights;

namespace KdNotebooks.Tests.Models.Detection;

/// <summary>Stages and normalizations of a detector's backbone that do not learn.</summary>
[Collection(TorchState.Name)]
public sealed class FrozenPartsTests : IDisposable
{
    private const int Side = 64;

    private static readonly RetinaNetSpec Retina = new(18, 4, 8, 16, 1);

    private static readonly FasterRcnnSpec Faster = new(
        50, 4, Channels: 8, SmallestAnchor: 8, HeadWidth: 8, Proposals: new ProposalOptions(40, 20, 40, 20, Anchors: 16),
        Regions: 16);

    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(null, false, "")]
    [InlineData(5, false, "")]
    [InlineData(4, false, "conv1 bn1")]
    [InlineData(3, false, "conv1 bn1 layer1")]
    [InlineData(1, false, "conv1 bn1 layer1 layer2 layer3")]
    [InlineData(0, true, "conv1 bn1 layer1 layer2 layer3 layer4")]
    [InlineData(3, true, "conv1 bn1 layer1")]
    public void What_is_frozen_does_not_change_and_all_else_does(int? layers, bool norms, string frozen)
    {
        foreach (var spec in new IModelSpec[] { Retina.WithFrozen(layers, norms), Faster.WithFrozen(layers, norms) })
        {
            Seed.Set(1);
            using var model = spec.Build(3, 3);
            var before = model.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.clone());

            Train(Network.Of(model), steps: 2);

            Assert.All(model.state_dict(), entry =>
            {
                var inBody = entry.Key.StartsWith("backbone.body.", StringComparison.Ordinal);
                var part = entry.Key.Split('.')[inBody ? 2 : 0];
                var still = inBody && (frozen.Split(' ').Contains(part) || (norms && IsNorm(entry.Key)));
                Assert.True(
                    entry.Value.equal(before[entry.Key]).all().item<bool>() == still,
                    $"{spec.Name} {entry.Key} is {(still ? "changed" : "as it was")}");
            });
        }
    }

    [Fact]
    public void Frozen_normalizations_keep_torchvisions_names_and_take_weights_with_counters()
    {
        using var noGrad = torch.no_grad();
        using var plain = Wave.Fill(Faster.Build(3, 3));
        using var frozen = Faster.WithFrozen(null, true).Build(3, 3);
        using var file = new TemporaryFolder();
        StateDict.Save(file.File("plain.safetensors"), plain);

        StateDict.LoadInto(file.File("plain.safetensors"), frozen); // its counters are dropped, as in PyTorch

        Assert.Equal(
            plain.state_dict().Keys.Where(name => !name.EndsWith("num_batches_tracked", StringComparison.Ordinal)).Order(),
            frozen.state_dict().Keys.Order());
        Assert.DoesNotContain(frozen.named_parameters(), entry => entry.name.Contains(".bn1."));
        plain.eval();
        var image = Wave.Single(2, 3, Side, Side);
        plain.eval();
        var expected = plain.Parts(image, Regions()).Levels;
        frozen.train(); // in training, too
        Assert.All(
            expected.Zip(frozen.Parts(image, Regions()).Levels), pair => TensorAssert.Near(pair.First, pair.Second, 1e-5));

        // A teacher's are folded like any other.
        using var teacher = new LiveTeacher(
            Network.Of(frozen), ["backbone.fpn.layer_blocks.0", "backbone.body.bn1"], 3, Side, Side);
        var maps = teacher.Features(Batch.Of(image));
        TensorAssert.Near(expected[0], maps["backbone.fpn.layer_blocks.0"], 1e-4);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.25)]
    public void What_is_beside_the_variance_of_frozen_normalizations_is_an_option(double epsilon)
    {
        // ResNet-18 has 1 + 2 x 8 + 3 of them, ResNet-50 1 + 3 x 16 + 4.
        foreach (var (spec, count) in new (IModelSpec, int)[]
                 {
                     (Retina.WithFrozenNorms(epsilon), 20), (Faster.WithFrozenNorms(epsilon), 53),
                 })
        {
            using var noGrad = torch.no_grad();
            using var model = Wave.Fill(spec.Build(3, 3));
            var norms = model.modules().OfType<FrozenBatchNorm2d>().ToList();
            Assert.Equal(count, norms.Count);
            foreach (var norm in norms)
            {
                var map = Wave.Single(1, norm.get_buffer("weight")!.shape[0], 3, 3);
                Tensor Of(string name) => norm.get_buffer(name)!.view(1, -1, 1, 1);
                var expected = ((map - Of("running_mean")) / (Of("running_var") + epsilon).sqrt() * Of("weight")) + Of("bias");
                TensorAssert.Near(expected, norm.call(map), 1e-5);
            }

            var recipe = Trials.Alone() with { Student = spec, Task = new DetectionSpec() };
            Assert.Contains($"\"frozenEpsilon\": {epsilon}", RecipeJson.Write(recipe));
            Assert.Equal(recipe, RecipeJson.Read(RecipeJson.Write(recipe)));
        }
    }

    [Theory]
    [InlineData(true, -1e-5, "-1E-05 beside the variance of frozen normalizations, which are frozen")]
    [InlineData(true, double.NaN, "NaN beside the variance")]
    [InlineData(false, 0.0, "0 beside the variance of frozen normalizations, which are not frozen")]
    public void An_epsilon_that_means_nothing_is_refused(bool frozen, double epsilon, string message) => Assert.Contains(
        message,
        Assert.Throws<KdException>(
            () => (Retina with { FrozenNorms = frozen, FrozenEpsilon = epsilon }).Build(3, 3)).Message);

    [Fact]
    public void Only_what_is_frozen_is_in_json()
    {
        var recipe = Trials.Alone() with { Student = Faster, Task = new DetectionSpec() };
        var frozen = recipe with { Student = Faster.WithFrozen(3, true) };

        Assert.DoesNotContain("trainableLayers", RecipeJson.Write(recipe));
        Assert.DoesNotContain("frozenNorms\": ", RecipeJson.Write(recipe));
        Assert.Contains("\"trainableLayers\": 3", RecipeJson.Write(frozen));
        Assert.Contains("\"frozenNorms\": true", RecipeJson.Write(frozen));
        Assert.Equal(frozen, RecipeJson.Read(RecipeJson.Write(frozen)));
        Assert.Equal(Retina.WithFrozen(0, false), Retina with { TrainableLayers = 0 });
        Assert.Equal(
            "Pyramid: 6 trainable layers; expected 0 to 5: stem and four stages, the deepest first.",
            Assert.Throws<KdException>(() => Retina.WithFrozen(6, false).Build(3, 3)).Message);
    }

    private static bool IsNorm(string name) =>
        name.Contains(".bn") || name.Contains("downsample.1.");

    private static List<Tensor> Regions() => [.. Enumerable.Repeat(torch.tensor(new float[,] { { 4, 4, 40, 50 } }), 2)];

    private static void Train(INetwork network, int steps)
    {
        using var optimizer = torch.optim.AdamW(
            network.Root.parameters().Where(parameter => parameter.requires_grad), 1e-2, weight_decay: 0.1);
        var things = new Things(
            [new(1, ImageBox.OfCorners(6, 8, 30, 40)), new(2, ImageBox.OfCorners(30, 20, 60, 50))],
            new ImageSize(Side, Side));
        var batch = Batch.Of(Wave.Single(2, 3, Side, Side)) with
        {
            Targets = ThingBatch.Of([things, things], new ImageSize(Side, Side), torch.CPU),
        };
        for (var step = 0; step < steps; step++)
        {
            network.Root.eval();
            network.Root.train();
            var losses = ((IDetections)network.Forward(batch)).Losses((IBoxTargets)batch.Targets);
            optimizer.zero_grad();
            losses.Select(term => term.Value).Aggregate((sum, term) => sum + term).backward();
            optimizer.step();
        }
    }
}
