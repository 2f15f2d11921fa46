using KdNotebooks.Models;
using KdNotebooks.Runtime;
using TorchSharp.Modules;

namespace KdNotebooks.Tests.Models;

public sealed class ResNetTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Names_are_torchvisions()
    {
        string[] norm = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"];
        IEnumerable<string> Pair(string conv, string bn) =>
            norm.Select(name => $"{bn}.{name}").Append($"{conv}.weight");
        IEnumerable<string> Block(string path) =>
            [.. Pair($"{path}.conv1", $"{path}.bn1"), .. Pair($"{path}.conv2", $"{path}.bn2")];
        IEnumerable<string> Shortcut(string path) => Pair($"{path}.downsample.0", $"{path}.downsample.1");

        var names = new ResNet(14, 2, 1, 10).state_dict().Keys;

        Assert.Equal(
            new[] { "fc.weight", "fc.bias" }
                .Concat(Pair("conv1", "bn1"))
                .Concat(Block("layer1.0")).Concat(Block("layer1.1"))
                .Concat(Block("layer2.0")).Concat(Shortcut("layer2.0")).Concat(Block("layer2.1"))
                .Concat(Block("layer3.0")).Concat(Shortcut("layer3.0")).Concat(Block("layer3.1"))
                .Order(StringComparer.Ordinal),
            names.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(28, 1)]
    [InlineData(28, 3)]
    [InlineData(32, 1)]
    [InlineData(32, 3)]
    public void Each_stage_has_its_shape(long size, int channels)
    {
        var table = ModuleTable.Of(new ResNet(8, 2, channels, 10), channels, size, size);
        var shapes = table.Rows.ToDictionary(row => row.Path, row => row.Shape);
        Assert.Equal([2, size, size], shapes["conv1"]);
        Assert.Equal([2, size, size], shapes["layer1"]);
        Assert.Equal([4, size / 2, size / 2], shapes["layer2"]);
        Assert.Equal([8, size / 4, size / 4], shapes["layer3"]);
        Assert.Equal([8, 1, 1], shapes["avgpool"]);
        Assert.Equal([10], shapes["fc"]);
    }

    [Fact]
    public void The_smallest_image_goes_through() =>
        Assert.Equal([2L, 3], new ResNet(8, 1, 1, 3).call(Wave.Single(2, 1, 4, 4)).shape);

    // By hand: 9 c w + 2 w for the stem, 9 (i o + o o) + 4 o a block, i o + 2 o a shortcut, 4 w k + k for the
    // classifier.
    [Theory]
    [InlineData(8, 8, 1, 19_810)]
    [InlineData(14, 24, 1, 392_242)]
    [InlineData(14, 24, 3, 392_674)]
    public void It_has_as_many_parameters_as_the_formula(int depth, int width, int channels, long count) =>
        Assert.Equal(count, new ResNet(depth, width, channels, 10).parameters().Sum(parameter => parameter.numel()));

    [Theory]
    [InlineData(2, 8, 1, 10, "depth is 2; expected 6n + 2")]
    [InlineData(18, 8, 1, 10, "depth is 18; expected 6n + 2")]
    [InlineData(8, 0, 1, 10, "width is 0, channels 1, classes 10")]
    [InlineData(8, 8, 0, 10, "width is 8, channels 0, classes 10")]
    [InlineData(8, 8, 1, 1, "width is 8, channels 1, classes 1")]
    public void Numbers_out_of_range_are_refused(int depth, int width, int channels, int classes, string message)
    {
        var error = Assert.Throws<KdException>(() => new ResNet(depth, width, channels, classes));
        Assert.Contains(message, error.Message);
    }

    [Theory]
    [InlineData(8, false)]
    [InlineData(8, true)]
    [InlineData(14, false)]
    [InlineData(14, true)]
    public void It_computes_what_functional_calls_compute(int depth, bool training)
    {
        var (model, images) = (Double(depth), Wave.Of([3, 2, 9, 9]));
        model.train(training);
        var (plain, before) = (new PlainResNet(model, training), images.clone());

        TensorAssert.Near(plain.Forward(images), model.call(images), 1e-12);

        TensorAssert.Same(before, images);
        foreach (var (name, buffer) in model.named_buffers().Where(entry => entry.buffer.is_floating_point()))
        {
            TensorAssert.Near(plain[name], buffer, 1e-12); // training moves the running statistics
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Its_gradients_are_those_of_a_network_without_steps_in_place(bool training)
    {
        var (model, images) = (Double(14), Wave.Of([3, 2, 9, 9]));
        model.train(training);
        var plain = new PlainResNet(model, training);
        var (mine, reference) = (images.clone().requires_grad_(true), images.clone().requires_grad_(true));
        var weights = Wave.Of([3, 5], 0.9);

        (model.call(mine) * weights).sum().backward();
        (plain.Forward(reference) * weights).sum().backward();

        TensorAssert.Near(reference.grad!, mine.grad!, 1e-10);
        foreach (var (name, parameter) in model.named_parameters())
        {
            TensorAssert.Near(plain[name].grad!, parameter.grad!, 1e-10);
        }
    }

    [Fact]
    public void Convolutions_start_with_he_variance_of_their_fan_out()
    {
        var model = new ResNet(8, 32, 3, 10);
        foreach (var (name, weight) in model.named_parameters().Where(entry => entry.parameter.dim() == 4))
        {
            var expected = Math.Sqrt(2.0 / (weight.shape[0] * weight.shape[2] * weight.shape[3]));
            // Five standard errors of a standard deviation and of a mean, from so many numbers.
            var tolerance = 5 * expected / Math.Sqrt(weight.numel());
            Assert.True(Math.Abs(weight.std().ToDouble() - expected) < tolerance, $"{name}: {weight.std().ToDouble()}");
            Assert.True(Math.Abs(weight.mean().ToDouble()) < tolerance, $"{name}: {weight.mean().ToDouble()}");
        }

        foreach (var norm in model.modules().OfType<BatchNorm2d>())
        {
            TensorAssert.Same(torch.ones_like(norm.weight!), norm.weight!);
            TensorAssert.Same(torch.zeros_like(norm.bias!), norm.bias!);
        }
    }

    [Fact]
    public void No_tensor_outlives_a_pass_but_the_logits()
    {
        var statistics = DisposeScopeManager.Statistics;
        var (model, images) = (new ResNet(8, 2, 1, 10), Wave.Single(2, 1, 8, 8));
        var before = statistics.ThreadTotalLiveCount;
        model.call(images).Dispose();
        Assert.Equal(before, statistics.ThreadTotalLiveCount);
    }

    private static ResNet Double(int depth) => Wave.Fill((ResNet)new ResNet(depth, 3, 2, 5).to(torch.float64));
}
