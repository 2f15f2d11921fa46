using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Tests.Distillation;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Losses;

/// <summary>From a live teacher's batch normalization to the margins of <see cref="OfdLoss"/>.</summary>
public sealed class OfdLossTeacherTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();
    private readonly ResNet model = Wave.Fill(new ResNet(8, 4, 1, 3));

    public void Dispose() => scope.Dispose();

    // A normalization, and a sequence that ends with one: layer3.0.downsample is a convolution and a normalization.
    [Theory]
    [InlineData("layer3.0.bn2", "layer3.0.bn2")]
    [InlineData("bn1", "bn1")]
    [InlineData("layer3.0.downsample", "layer3.0.downsample.1")]
    public void A_tap_at_a_normalization_gives_its_bias_and_the_size_of_its_weight(string tap, string norm)
    {
        var weight = model.get_parameter($"{norm}.weight")!.Numbers();
        var bias = model.get_parameter($"{norm}.bias")!.Numbers();
        Assert.Contains(weight, number => number < 0); // or its size would not show
        using var teacher = new LiveTeacher(Network.Of(model), [tap], 1, 8, 8);
        var statistics = teacher.Maps.Norms[tap];
        Assert.Equal(bias, statistics.Mean);
        Assert.Equal(weight.Select(Math.Abs), statistics.StandardDeviation);
    }

    [Fact]
    public void Other_taps_have_none()
    {
        using var teacher = new LiveTeacher(
            Network.Of(model), ["layer3", "layer3.0.conv2", "layer3.0", TapSet.Output], 1, 8, 8);
        Assert.Empty(teacher.Maps.Norms);
    }

    [Fact]
    public void A_sequence_within_a_sequence_is_looked_into_and_one_that_ends_otherwise_is_not()
    {
        var body = Wave.Fill(Sequential(
            ("pair", Sequential(Conv2d(1, 4, 1), Sequential(BatchNorm2d(4)))),
            ("block", Sequential(BatchNorm2d(4), ReLU())),
            ("bare", BatchNorm2d(4, affine: false))));
        var bias = body.get_parameter("pair.1.0.bias")!.Numbers();
        using var teacher = new LiveTeacher(Network.Of(body), ["pair", "block", "bare"], 1, 4, 5);
        Assert.Equal(["pair"], teacher.Maps.Norms.Keys);
        Assert.Equal(bias, teacher.Maps.Norms["pair"].Mean);
    }

    [Fact]
    public void A_student_is_held_to_the_margins_of_the_tapped_normalization()
    {
        const string path = "layer3.0.bn2";
        using var teacher = new LiveTeacher(Network.Of(model), [path], 1, 8, 8);
        var student = Wave.Fill(new ResNet(8, 4, 1, 3));
        var guidance = new Guidance([new Connection(path, path, new Identity(), new OfdLoss(), 2)]);
        using var distiller = new Distiller(Network.Of(student), Tiny.Task, guidance, teacher.Maps, 1, 8, 8);
        var images = Wave.Single(3, 1, 8, 8);
        student.train();
        using var taps = new TapSet(Network.Of(student), [path]);
        taps.Probe(1, 8, 8); // finds out that the shortcut is added in place
        var features = teacher.Features(Batch.Of(images));
        var (_, terms) = distiller.Forward(
            Tiny.Batch(images, torch.zeros(3, dtype: torch.int64)), features, 1);
        using var expected = new OfdLoss().Build(new(16, 2, 2), new(16, 2, 2), teacher.Maps.Norms[path]);
        TensorAssert.Near(expected.call(taps[path], features[path]) * 2, Assert.Single(terms).Value, 1e-6);
        Assert.True(terms[0].Value.ToDouble() > 0);
        Assert.Contains("0.criterion.margins", distiller.Aligners.state_dict().Keys);
    }
}
