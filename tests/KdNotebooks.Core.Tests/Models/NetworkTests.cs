using KdNotebooks.Data;
using KdNotebooks.Models;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Models;

public sealed class NetworkTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void A_module_from_images_to_logits_is_one_as_it_is()
    {
        using var model = Wave.Fill(new ResNet(8, 2, 3, 4)).to(torch.float32);
        model.eval();
        var network = Network.Of(model);
        var images = Wave.Single(2, 3, 8, 8);
        var outputs = Assert.IsType<ModelOutput>(network.Forward(Batch.Of(images)));
        TensorAssert.Same(((Module<Tensor, Tensor>)model).call(images), outputs.Logits);
        Assert.Null(outputs.Auxiliary);
        Assert.Same(model, network.Root);
        Assert.Null(network.Stages);
    }

    [Fact]
    public void A_module_that_says_how_it_is_run_is_itself_and_gives_its_own_outputs()
    {
        using var model = new Pyramid();
        var network = Network.Of(model);
        Assert.Same(model, network);
        Assert.Same(model, network.Root);
        var outputs = Assert.IsType<Levels>(network.Forward(Batch.Of(Wave.Single(2, 3, 8, 8))));
        Assert.Equal([2, 4, 8, 8], outputs.Maps[0].shape);
        Assert.Equal([2, 4, 4, 4], outputs.Maps[1].shape);
    }

    // Its head is called twice a pass, and its targets are read.
    [Fact]
    public void Its_parts_are_listed_and_it_may_read_targets_in_training()
    {
        using var model = new Pyramid();
        var rows = ModuleTable.Of(model, 3, 8, 8).Rows;
        Assert.Equal(["stem", "head"], rows.Select(row => row.Path));
        Assert.Equal([4, 4, 4], rows[1].Shape); // the last of its two calls
        var targets = new ClassTargets(torch.tensor(new long[] { 1, 0 }));
        var batch = new Batch(
            Wave.Single(2, 3, 8, 8), [new ImageSize(8, 8), new ImageSize(8, 8)], targets, new SampleKeys([0, 1], 0));
        Assert.Same(targets, ((Levels)((INetwork)model).Forward(batch)).Seen);
        model.eval();
        Assert.Null(((Levels)((INetwork)model).Forward(batch)).Seen);
    }

    [Fact]
    public void A_module_that_is_neither_is_refused_by_name()
    {
        using var model = new Pair();
        var error = Assert.Throws<KdException>(() => Network.Of(model));
        Assert.Contains("Pair: a Pair is no Module<Tensor, Tensor>; expected one from images", error.Message);
        Assert.Contains("implements INetwork", error.Message);
    }

    [Fact]
    public void A_segmenter_gives_its_auxiliary_logits_in_training_alone_and_names_its_stages()
    {
        using var model = new SegmentationModel(new SegmentationOptions(
            new DeepResNetOptions(18, 4), 5, SegmentationHead.Fcn));
        INetwork network = model;
        var batch = Batch.Of(Wave.Single(2, 3, 32, 32));
        Assert.NotNull(((ModelOutput)network.Forward(batch)).Auxiliary);
        model.eval();
        Assert.Null(((ModelOutput)network.Forward(batch)).Auxiliary);
        var paths = ModuleTable.Of(model, 3, 32, 32).Rows.Select(row => row.Path).ToHashSet();
        Assert.All(network.Stages!, stage => Assert.Contains(stage, paths));
    }

    private sealed record Levels(IReadOnlyList<Tensor> Maps, ITargets? Seen) : IOutputs;

    /// <summary>As a detector: one head, over maps of two sizes.</summary>
    private sealed class Pyramid : Module, INetwork
    {
        private readonly Module<Tensor, Tensor> stem, head;

        public Pyramid() : base(nameof(Pyramid))
        {
            (stem, head) = (Conv2d(3, 6, 3, padding: 1), Conv2d(6, 4, 1));
            RegisterComponents();
        }

        Module INetwork.Root => this;

        public IOutputs Forward(Batch batch)
        {
            var map = stem.call(batch.Images);
            var small = functional.avg_pool2d(map, 2);
            return new Levels([head.call(map), head.call(small)], training ? batch.Targets : null);
        }
    }

    private sealed class Pair() : Module<Tensor, Tensor, Tensor>(nameof(Pair))
    {
        public override Tensor forward(Tensor one, Tensor other) => one + other;
    }
}
