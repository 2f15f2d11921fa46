using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Models;
using KdNotebooks.Models.Classification;

namespace KdNotebooks.Tests.Models.Classification;

public sealed class NamedNetworksTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public static TheoryData<string> Golden { get; } = [.. NetworkGolden.Names];

    /// <summary>One of each kind, narrow where it can be.</summary>
    public static TheoryData<string> Small { get; } =
    [
        "resnet8", "resnet8x4", "ResNet50", "wrn_16_1", "vgg8", "MobileNetV2", "ShuffleV1", "ShuffleV2", "mobilenet_v1:0.25",
        "resnet18", "mobilenet_v2:0.35", "mobilenet_v3_large:0.5", "shufflenet_v2_x1_0",
    ];

    public void Dispose() => scope.Dispose();

    [Theory]
    [MemberData(nameof(Golden))]
    public void It_gives_what_its_code_base_gives_with_its_names_at_its_places(string name)
    {
        foreach (var golden in NetworkGolden.Of(name))
        {
            var spec = NetworkGolden.Spec(name);
            using var model = spec.Build(3, (int)NetworkGolden.Classes(golden));
            NetworkGolden.CheckNames(golden, model);
            TorchvisionGolden.Fill(model).eval();
            var outputs = golden.GetProperty("outputs").EnumerateObject()
                .Select(output => (Path: Path(spec, output.Name), output.Value)).ToList();
            using var taps = new TapSet(model, outputs.Select(output => output.Path));
            var shape = TorchvisionGolden.Numbers(golden.GetProperty("input"));
            taps.Probe(shape[1..]);
            using var noGrad = torch.no_grad();
            model.call(TorchvisionGolden.Image(shape));
            Assert.All(outputs, output => TorchvisionGolden.Check(output.Value, taps[output.Path]));
        }
    }

    // The three are in DeepResNetTests.
    [Fact]
    public void All_of_them_are_compared() => Assert.Equal(
        NamedNetworks.Names.Except(NetworkGolden.Names).Order(), ["resnet18", "resnet50", "resnext50_32x4d"]);

    // Of each kind of block, at sizes where oneDNN's kernels for plain layouts go wrong: README, known issues.
    [Theory]
    [InlineData("resnet8x4", 32)]
    [InlineData("ResNet50", 8)]
    [InlineData("wrn_16_1", 32)]
    [InlineData("wrn_16_2", 32)]
    [InlineData("vgg8", 32)]
    [InlineData("MobileNetV2", 32)]
    [InlineData("ShuffleV1", 32)]
    [InlineData("ShuffleV2", 32)]
    [InlineData("mobilenet_v1:0.25", 48)]
    [InlineData("mobilenet_v1:0.125:1", 28)]
    [InlineData("mobilenet_v2:0.35", 48)]
    [InlineData("mobilenet_v3_large:0.5", 48)]
    [InlineData("shufflenet_v2_x1_0", 64)]
    public void In_float32_its_outputs_and_gradients_are_those_of_float64(string name, int size)
    {
        using var model = NetworkGolden.Spec(name).Build(3, 10);
        using var exact = NetworkGolden.Spec(name).Build(3, 10);
        // In evaluation mode: the statistics of so small a batch would magnify what rounding leaves.
        TorchvisionGolden.Fill(model).eval();
        TorchvisionGolden.Fill(exact.to(torch.float64)).eval();
        var image = Wave.Of([3, 3, size, size], 0.9);

        var (mine, expected) = (model.call(image.to(torch.float32)), ((nn.Module<Tensor, Tensor>)exact).call(image));
        mine.square().mean().backward();
        expected.square().mean().backward();

        TensorAssert.Near(expected, mine.to(torch.float64), 1e-4);
        var gradients = exact.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.grad!);
        Assert.All(model.named_parameters(), entry => TensorAssert.Near(
            gradients[entry.name], entry.parameter.grad!.to(torch.float64), 1e-3));
    }

    // A teacher's: its normalizations are folded, whatever stands before and behind them.
    [Theory]
    [MemberData(nameof(Small))]
    public void Frozen_it_gives_the_same_at_every_place(string name)
    {
        var spec = NetworkGolden.Spec(name);
        using var model = spec.Build(3, 10);
        var places = NamedNetworks.Find(spec.Network).Places
            .SelectMany(place => new[] { place.Path, place.BeforeReLU ?? place.Path }).Append(TapSet.Output).ToList();
        TorchvisionGolden.Fill(model).eval();
        var batch = Batch.Of(TorchvisionGolden.Image(2, 3, 64, 64));
        using var taps = new TapSet(model, places);
        taps.Probe(3, 64, 64);
        using (torch.no_grad())
        {
            model.call(batch.Images);
        }

        var expected = places.Distinct().ToDictionary(place => place, place => taps[place].clone());
        using var teacher = new LiveTeacher(Network.Of(model), places, 3, 64, 64);
        var features = teacher.Features(batch);

        Assert.All(expected, place => TensorAssert.Near(place.Value, features[place.Key], 1e-4));
    }

    // "feat2", "pre2" (before the ReLU), "stage2", "logits".
    private static string Path(NetworkSpec spec, string output)
    {
        if (output == "logits")
        {
            return TapSet.Output;
        }

        var places = NamedNetworks.Find(spec.Network).Places;
        var place = places.FirstOrDefault(place => place.Feature == output.Replace("pre", "feat", StringComparison.Ordinal))
            ?? places.Single(place => place.Feature == "pooled");
        // RepDistiller's stem is the same in both lists.
        return output.StartsWith("pre", StringComparison.Ordinal) && output != "pre0"
            ? place.BeforeReLU ?? place.Path
            : place.Path;
    }
}
