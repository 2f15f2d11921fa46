using KdNotebooks.Models;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Models;

public sealed class ModuleTableTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void A_residual_network_is_listed_with_paths_types_shapes_and_parameters()
    {
        var table = ModuleTable.Of(new ResNet(8, 4, 1, 10), 1, 28, 28);
        Row(table, "", "ResNet", [10], 5_142);
        Row(table, "conv1", "Conv2d", [4, 28, 28], 36);
        Row(table, "layer2", "Sequential", [8, 14, 14], 944);
        Row(table, "layer2.0", "BasicBlock", [8, 14, 14], 944);
        Row(table, "layer2.0.bn2", "BatchNorm2d", [8, 14, 14], 16);
        Row(table, "layer2.0.downsample", "Sequential", [8, 14, 14], 48);
        Row(table, "layer2.0.downsample.0", "Conv2d", [8, 14, 14], 32);
        Row(table, "fc", "Linear", [10], 170);
        Assert.Equal(table.Rows.Count, table.Rows.Select(row => row.Path).Distinct().Count());
    }

    [Fact]
    public void A_module_that_is_called_twice_shows_its_last_shape_and_counts_once()
    {
        var table = ModuleTable.Of(new Own(), 2, 8, 8);
        Row(table, "", "Own", [2, 2, 2], 38 + 4);
        Row(table, "shared", "Conv2d", [2, 2, 2], 38);
        Row(table, "nested", "Sequential", [2, 8, 8], 38 + 4);
        Row(table, "nested.first", "Conv2d", [2, 2, 2], 38);
        Row(table, "nested.second", "BatchNorm2d", [2, 8, 8], 4);
    }

    [Fact]
    public void Multiply_adds_are_those_of_convolutions_and_linear_layers_for_one_image()
    {
        var table = ModuleTable.Of(new ResNet(8, 4, 1, 10), 1, 28, 28);
        Assert.Equal(28 * 28 * 4 * 9, Cost(table, "conv1"));
        Assert.Equal(14 * 14 * 8 * 4, Cost(table, "layer2.0.downsample"));
        Assert.Equal(0, Cost(table, "layer2.0.bn2"));
        Assert.Equal(160, Cost(table, "fc"));
        Assert.Equal(
            Cost(table, "conv1") + Cost(table, "layer1") + Cost(table, "layer2") + Cost(table, "layer3") + 160,
            Cost(table, ""));
    }

    [Fact]
    public void What_is_called_twice_is_counted_twice() =>
        Assert.Equal((64 + 4) * 2 * 18, Cost(ModuleTable.Of(new Own(), 2, 8, 8), "shared"));

    [Fact]
    public void Modules_that_cannot_be_tapped_are_not_listed()
    {
        var paths = ModuleTable.Of(new Own(), 2, 8, 8).Rows.Select(row => row.Path);
        Assert.DoesNotContain("unused", paths);
        Assert.DoesNotContain("pair", paths); // takes two tensors
    }

    [Fact]
    public void A_scalar_has_an_empty_shape() =>
        Row(ModuleTable.Of(new Own { After = output => output.sum() }, 2, 8, 8), "", "Own", [], 42);

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Every_part_is_left_in_the_mode_it_was_in(bool whole, bool part)
    {
        var model = new Own();
        model.train(whole);
        model.Norm.train(part);
        var before = model.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.clone());

        ModuleTable.Of(model, 2, 8, 8);

        Assert.Equal((whole, whole, part), (model.training, model.Shared.training, model.Norm.training));
        Assert.All(before, entry => TensorAssert.Same(entry.Value, model.state_dict()[entry.Key]));
    }

    [Fact]
    public void Nothing_listens_afterwards_even_where_the_image_does_not_fit()
    {
        var model = new Own();
        model.Norm.eval();
        Assert.ThrowsAny<Exception>(() => ModuleTable.Of(model, 3, 8, 8));
        Assert.Equal((true, false), (model.training, model.Norm.training));
        ModuleTable.Of(model, 2, 8, 8);
        // A hook that still asked for the output's shape would throw.
        model.After = output =>
        {
            output.Dispose();
            return output;
        };
        Assert.True(model.call(Wave.Single(1, 2, 8, 8)).IsInvalid);
    }

    [Fact]
    public void No_tensor_stays_behind()
    {
        var statistics = DisposeScopeManager.Statistics;
        var model = new ResNet(8, 2, 1, 10);
        var before = statistics.ThreadTotalLiveCount;
        ModuleTable.Of(model, 1, 8, 8);
        Assert.Equal(before, statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_frame_holds_one_row_a_module()
    {
        var table = ModuleTable.Of(new Own(), 2, 8, 8);
        var frame = table.ToDataFrame();
        Assert.Equal(
            ["path", "type", "shape", "parameters", "multiply-adds"], frame.Columns.Select(column => column.Name));
        Assert.Equal(table.Rows.Count, frame.Rows.Count);
        var row = frame.Rows.Single(row => (string)row["path"] == "nested.second");
        Assert.Equal(("BatchNorm2d", "[2, 8, 8]", 4L), (row["type"], row["shape"], row["parameters"]));
    }

    [Fact]
    public void As_text_its_columns_are_aligned()
    {
        var lines = ModuleTable.Of(new Own(), 2, 8, 8).ToString().TrimEnd('\n').Split('\n');
        Assert.Equal(7, lines.Length);
        Assert.StartsWith("path           type", lines[0]);
        Assert.Single(lines.Select(line => line.Length).Distinct());
        Assert.Contains("nested.second  BatchNorm2d         [2, 8, 8]                4              0", lines);
    }

    private static long Cost(ModuleTable table, string path) =>
        table.Rows.Single(row => row.Path == path).MultiplyAdds;

    private static void Row(ModuleTable table, string path, string type, long[] shape, long parameters)
    {
        var row = Assert.Single(table.Rows, row => row.Path == path);
        Assert.Equal(type, row.Type);
        Assert.Equal(shape, row.Shape);
        Assert.Equal(parameters, row.Parameters);
    }

    /// <summary>A convolution under two paths and called twice, a part never called, a part of two inputs.</summary>
    private sealed class Own : Module<Tensor, Tensor>
    {
        private readonly Conv2d shared = Conv2d(2, 2, 3, padding: 1);
        private readonly BatchNorm2d norm = BatchNorm2d(2);
        private readonly Sequential nested;
        private readonly ReLU unused = ReLU();
        private readonly CosineSimilarity pair = CosineSimilarity();

        public Own() : base(nameof(Own))
        {
            nested = Sequential(("first", shared), ("second", norm));
            RegisterComponents();
        }

        public Func<Tensor, Tensor> After { get; set; } = output => output;

        public Conv2d Shared => shared;

        public BatchNorm2d Norm => norm;

        public override Tensor forward(Tensor input)
        {
            var x = nested.call(input);
            pair.call(x, x).Dispose();
            Assert.NotNull(unused);
            return After(shared.call(functional.avg_pool2d(x, 4)));
        }
    }
}
