using KdNotebooks.Models;
using KdNotebooks.Native;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Models;

public sealed class DeepResNetTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData("resnet18", 18, 1, 64)]
    [InlineData("resnet50", 50, 1, 64)]
    [InlineData("resnext50_32x4d", 50, 32, 4)]
    public void It_gives_what_torchvision_gives_with_torchvisions_names(
        string name, int depth, int groups, int groupWidth)
    {
        using var model = new DeepResNet(new DeepResNetOptions(
            depth, Classes: 10, Groups: groups, GroupWidth: groupWidth));
        TorchvisionGolden.CheckNames(name, model);
        TorchvisionGolden.Fill(model).eval();
        using var noGrad = torch.no_grad();
        var image = TorchvisionGolden.Image(name);

        TorchvisionGolden.Check(name, "logits", model.call(image));

        Assert.All(model.Stages(image).Select((map, i) => (map, i + 1)), stage =>
            TorchvisionGolden.Check(name, $"layer{stage.Item2}", stage.map));
    }

    // mmsegmentation's rule with contract_dilation: a stage's first block dilates as the stage before, its others more.
    [Theory]
    [InlineData(18, 8, false, false)]
    [InlineData(18, 8, true, true)]
    [InlineData(34, 16, false, false)]
    [InlineData(50, 8, true, false)]
    [InlineData(50, 16, false, true)]
    [InlineData(101, 8, false, false)]
    [InlineData(18, 32, true, false)]
    public void Its_stages_are_what_functional_calls_compute(int depth, int stride, bool deepStem, bool training)
    {
        (int, int, int)[] stages = stride switch
        {
            8 => [(1, 1, 1), (2, 1, 1), (1, 1, 2), (1, 2, 4)],
            16 => [(1, 1, 1), (2, 1, 1), (2, 1, 1), (1, 1, 2)],
            _ => [(1, 1, 1), (2, 1, 1), (2, 1, 1), (2, 1, 1)],
        };
        var model = TorchvisionGolden.Fill((DeepResNet)new DeepResNet(
            new DeepResNetOptions(depth, 4, stride, deepStem)).to(torch.float64));
        model.train(training);
        var image = Wave.Of([2, 3, 37, 45], 0.9);

        var expected = new PlainSegmentation(model, training).Stages(image, "", stages);
        var maps = model.Stages(image);

        Assert.All(expected.Zip(maps), pair => TensorAssert.Near(pair.First, pair.Second, 1e-9));
        Assert.Equal([(37 + stride - 1) / stride, (45 + stride - 1) / stride], maps[3].shape[2..]);
        Assert.Equal(model.Options.StageWidth(4), maps[3].shape[1]);
    }

    // Narrow channels, where oneDNN's float32 kernels go wrong in plain layout: README, known issues.
    [Theory]
    [InlineData(18, 12)]
    [InlineData(18, 20)]
    [InlineData(50, 6)]
    public void In_float32_odd_widths_and_plain_images_give_the_outputs_and_gradients_of_float64(int depth, int width)
    {
        var model = new DeepResNet(new DeepResNetOptions(depth, width, 8));
        var exact = new DeepResNet(model.Options);
        // In evaluation mode: the statistics of so small a batch would magnify what rounding leaves.
        TorchvisionGolden.Fill(model).eval();
        TorchvisionGolden.Fill(exact.to(torch.float64)).eval();
        var image = Wave.Of([3, 3, 40, 40], 0.9);

        var (mine, expected) = (model.call(image.to(torch.float32)), exact.call(image));
        mine.square().mean().backward();
        expected.square().mean().backward();

        TensorAssert.Near(expected, mine.to(torch.float64), 1e-4);
        var gradients = exact.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.grad!);
        Assert.All(model.named_parameters(), entry => TensorAssert.Near(
            gradients[entry.name], entry.parameter.grad!.to(torch.float64), 1e-3));
    }

    [Fact]
    public void Weights_are_laid_out_channels_last_and_a_map_is()
    {
        var model = new DeepResNet(new DeepResNetOptions(18, 8));
        var map = model.call(torch.zeros(2, 3, 32, 32));
        Assert.Equal(1, map.stride(1));
        Assert.All(model.parameters().Where(p => p.dim() == 4 && p.shape[1] > 1), p => Assert.Equal(1, p.stride(1)));
    }

    [Fact]
    public void Folded_it_gives_the_same()
    {
        var model = TorchvisionGolden.Fill(new DeepResNet(new DeepResNetOptions(50, 8, 8, true)));
        model.eval();
        using var noGrad = torch.no_grad();
        var image = Wave.Single(2, 3, 33, 33);
        var before = model.call(image);
        foreach (var module in model.modules().Prepend(model).OfType<IFoldable>())
        {
            module.Fold(new HashSet<nn.Module>());
        }

        TensorAssert.Near(before, model.call(image), 1e-5);
    }

    [Theory]
    [InlineData(20, 64, 32, 0, 1, "depth is 20; expected 18, 34, 50, 101 or 152")]
    [InlineData(18, 0, 32, 0, 1, "width is 0")]
    [InlineData(18, 64, 4, 0, 1, "output stride is 4; expected 8, 16 or 32")]
    [InlineData(18, 64, 32, 1, 1, "classes 1")]
    [InlineData(18, 64, 32, 0, 2, "2 groups of width 64 at depth 18")]
    public void Options_out_of_range_are_refused(
        int depth, int width, int stride, int classes, int groups, string message) =>
        Assert.Contains(message, Assert.Throws<KdException>(() => new DeepResNet(
            new DeepResNetOptions(depth, width, stride, Classes: classes, Groups: groups))).Message);
}

/// <summary>While no other test draws.</summary>
[Collection(TorchState.Name)]
public sealed class DeepResNetSeedTests
{
    [Fact]
    public void One_seed_gives_the_same_weights_and_another_gives_others()
    {
        static string Print(int seed)
        {
            Seed.Set(seed);
            using var scope = torch.NewDisposeScope();
            var model = new SegmentationModel(new SegmentationOptions(new DeepResNetOptions(18, 4, 8), 5));
            return string.Join(" ", model.parameters().Select(parameter => parameter.sum().ToDouble()));
        }

        Assert.Equal(Print(1), Print(1));
        Assert.NotEqual(Print(1), Print(2));
    }
}
