using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Models;
using KdNotebooks.Runtime;
using KdNotebooks.Weights;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Distillation;

[Collection(TorchState.Name)]
public sealed class TapSetTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();
    private readonly Module<Tensor, Tensor> model = Tiny.Classifier();
    private readonly Tensor images;

    public TapSetTests() => images = torch.randn(2, 1, 4, 5);

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Maps_are_captured_by_module_path_and_the_output_by_the_empty_path()
    {
        using var taps = new TapSet(model, ["body", "", "body"]);
        var output = model.call(images);
        Assert.Equal(["body", ""], taps.Paths);
        Assert.Equal(output.Numbers(), taps[TapSet.Output].Numbers());
        var rest = Plain("fc").call(taps["body"].mean([2, 3])); // [N, C]
        Tiny.AssertClose(output, rest);
    }

    [Fact]
    public void An_unknown_path_names_the_nearest_and_leaves_no_hook()
    {
        model.call(images).Dispose();
        var error = Assert.Throws<KdException>(() => new TapSet(model, ["body", "body.conc"]));
        Assert.Contains("Tap 'body.conc'", error.Message);
        Assert.Contains("the nearest is 'body.conv'", error.Message);
        var before = Tiny.LiveTensors;
        model.call(images).Dispose();
        Assert.Equal(before, Tiny.LiveTensors); // a hook would have kept its capture
    }

    [Fact]
    public void A_module_of_two_inputs_is_listened_to_and_one_that_maps_nothing_is_refused()
    {
        var pair = new Pair();
        using var taps = new TapSet(pair, ["add"]);
        pair.call(images);
        Assert.Equal((2 * images).Numbers(), taps["add"].Numbers());
        Assert.Contains(
            "Tap 'list': a ModuleList`1 is no module from inputs to tensors that can be listened to",
            Assert.Throws<KdException>(() => new TapSet(pair, ["list"])).Message);
    }

    [Fact]
    public void A_module_that_is_called_twice_gives_a_map_for_each_call()
    {
        var twice = new Twice();
        using var taps = new TapSet(twice, ["act", "act[1]"]);
        var shapes = taps.Probe(Tiny.Image);
        Assert.Equal(["act[0]", "act[1]"], shapes.Keys);
        Assert.Equal([3, 4, 5], shapes["act[0]"]);
        Assert.Equal([2, 4, 5], shapes["act[1]"]);
        twice.call(images).Dispose();
        var output = twice.call(images); // a second pass takes the place of the first
        Assert.Equal(output.Numbers(), taps["act[1]"].Numbers());
        Assert.Contains("say which: 'act[0]' to 'act[1]'", Assert.Throws<KdException>(() => taps["act"]).Message);
        Assert.Contains(
            "Tap 'act[2]': one pass gives 2 map(s) there; expected a number from 0 to 1.",
            Assert.Throws<KdException>(() => taps["act[2]"]).Message);
    }

    [Fact]
    public void An_ambiguous_tap_says_how_often_its_module_is_called()
    {
        var twice = new Twice();
        using var taps = new TapSet(twice, ["act"]);
        taps.Probe(Tiny.Image);
        Assert.Equal(2, taps.Repeated["act"]);
        twice.call(images).Dispose();
        Assert.Contains(
            "for 'act' is called 2 times; say which", Assert.Throws<KdException>(() => taps["act"]).Message);
    }

    [Fact]
    public void A_module_that_training_calls_once_more_is_refused_whichever_call_is_named()
    {
        var often = new Twice { OnceMore = true };
        using var taps = new TapSet(often, ["act", "act[1]"]);
        taps.Probe(Tiny.Image); // in evaluation: twice
        often.train();
        often.call(images).Dispose();
        Assert.Contains(
            "'act' is called 3 times in this pass, which gives 3 maps there, and in the one that was looked at first 2",
            Assert.Throws<KdException>(() => taps["act[1]"]).Message);
        often.eval();
        often.call(images).Dispose();
        Assert.Equal([2, 2, 4, 5], taps["act[1]"].shape);
    }

    [Fact]
    public void A_network_that_calls_its_root_twice_gives_both_maps()
    {
        var network = new TwoViews(model);
        using var taps = new TapSet((INetwork)network, ["body"]);
        Assert.Equal(["body[0]", "body[1]"], taps.Probe(Tiny.Image).Keys);
        Assert.Equal(2, taps.Repeated["body"]);
    }

    [Fact]
    public void A_head_that_two_levels_share_gives_a_map_of_each()
    {
        var levels = new TwoLevels(4);
        using var taps = new TapSet((INetwork)levels, ["head"]);
        var shapes = taps.Probe(Tiny.Image);
        Assert.Equal(["head[0]", "head[1]"], shapes.Keys);
        Assert.Equal([4, 4, 5], shapes["head[0]"]);
        Assert.Equal([4, 2, 3], shapes["head[1]"]);
        levels.Forward(Batch.Of(-images));
        var maps = ((LevelMaps)levels.Forward(Batch.Of(images))).Maps;
        Assert.Equal(maps[0].Numbers(), taps["head[0]"].Numbers());
        Assert.Equal(maps[1].Numbers(), taps["head[1]"].Numbers());
    }

    [Theory]
    [InlineData("body.conv", false)] // batch normalization writes no input
    [InlineData("body.bn", true)] // the ReLU behind it overwrites it
    public void A_map_is_captured_as_it_was_at_its_own_time(string path, bool overwritten)
    {
        Tiny.Train(model);
        model.eval();
        using var taps = new TapSet(model, [path]);
        taps.Probe(Tiny.Image);
        model.call(images);
        var conv = Plain("body.conv").call(images);
        Tiny.AssertClose(overwritten ? Plain(path).call(conv) : conv, taps[path].clone());
        Assert.Equal(overwritten, taps[path].min().item<float>() < 0 && path == "body.bn");
    }

    [Fact]
    public void A_write_is_found_out_though_the_probes_own_image_shows_none_of_it()
    {
        using (torch.no_grad())
        {
            model.get_parameter("body.bn.bias")!.fill_(0.5); // an image of zeros gives nothing for the ReLU to cut
            model.get_parameter("body.conv.bias")!.zero_();
        }

        model.eval();
        using var taps = new TapSet(model, ["body.bn"]);
        taps.Probe(Tiny.Image);
        model.call(-10 * images.abs());
        Assert.True(taps["body.bn"].min().item<float>() < 0);
    }

    [Fact]
    public void A_map_that_is_added_to_in_place_is_captured_as_it_was()
    {
        var residual = new Residual();
        using var taps = new TapSet(residual, ["conv", ""]);
        taps.Probe(Tiny.Image);
        var output = residual.call(images);
        Assert.Equal((output - images).Numbers(), taps["conv"].Numbers(), (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal(output.Numbers(), taps[""].Numbers());
    }

    [Fact]
    public void A_dispose_scope_inside_the_model_does_not_take_the_map_away()
    {
        var residual = new Residual();
        using var taps = new TapSet(residual, ["conv"]);
        using (torch.NewDisposeScope())
        {
            residual.call(images);
        }

        Assert.Equal([2, 1, 4, 5], taps["conv"].shape);
        Assert.Equal(40, taps["conv"].Numbers().Length);
    }

    [Fact]
    public void A_module_that_is_never_called_is_told_from_one_that_is_missing()
    {
        using var taps = new TapSet(new Bypassed(), ["conv"]);
        Assert.Contains(
            "Tap 'conv': the pass did not go through this module's call",
            Assert.Throws<KdException>(() => taps.Probe(Tiny.Image)).Message);
    }

    [Fact]
    public void After_dispose_and_after_clear_nothing_is_held()
    {
        model.call(images).Dispose();
        var before = Tiny.LiveTensors;
        var taps = new TapSet(model, ["body", "fc", ""]);
        taps.Probe(Tiny.Image);
        Assert.Equal(before, Tiny.LiveTensors);
        model.call(images).Dispose();
        Assert.Equal(before + 3, Tiny.LiveTensors);
        model.call(images).Dispose(); // a second pass takes the place of the first
        Assert.Equal(before + 3, Tiny.LiveTensors);
        taps.Clear();
        Assert.Equal(before, Tiny.LiveTensors);
        taps.Dispose();
        model.call(images).Dispose();
        Assert.Equal(before, Tiny.LiveTensors);
        Assert.Throws<KdException>(() => taps["body"]);
    }

    [Fact]
    public void A_probe_tells_the_shapes_and_leaves_the_model_as_it_was()
    {
        var frozen = (Module)TapSet.Find(model, "body.bn");
        model.train();
        frozen.eval();
        var (weights, random) = (StateDict.Fingerprint(model), torch.get_rng_state());
        using var taps = new TapSet(model, ["body", "flat", ""]);
        var shapes = taps.Probe(Tiny.Image);
        Assert.Equal([4, 4, 5], shapes["body"]);
        Assert.Equal([4], shapes["flat"]);
        Assert.Equal([3], shapes[""]);
        Assert.Equal(weights, StateDict.Fingerprint(model)); // running statistics too
        Assert.Equal(random.data<byte>().ToArray(), torch.get_rng_state().data<byte>().ToArray());
        Assert.True(model.training && TapSet.Find(model, "body").training && TapSet.Find(model, "body.conv").training);
        Assert.False(frozen.training);
        model.eval();
        taps.Probe(Tiny.Image);
        Assert.False(model.training || TapSet.Find(model, "body").training);
    }

    [Theory]
    [InlineData("body")]
    [InlineData("body.bn")] // a copy
    public void Gradients_flow_through_a_captured_map(string path)
    {
        using var taps = new TapSet(model, [path]);
        taps.Probe(Tiny.Image);
        model.call(images);
        var (first, last) = (model.get_parameter("body.conv.weight")!, model.get_parameter("fc.weight")!);
        taps[path].square().sum().backward();
        Assert.True(first.grad!.abs().sum().item<float>() > 0);
        Assert.Null(last.grad); // it comes after the tap
    }

    private Module<Tensor, Tensor> Plain(string path) => (Module<Tensor, Tensor>)TapSet.Find(model, path);

    private sealed class Twice : Module<Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor> first = Conv2d(1, 3, 3, padding: 1), act = ReLU(), last = Conv2d(3, 2, 1);

        public Twice() : base(nameof(Twice)) => RegisterComponents();

        public bool OnceMore { get; init; }

        public override Tensor forward(Tensor input)
        {
            var output = act.call(last.call(act.call(first.call(input))));
            return OnceMore && training ? act.call(output) : output;
        }
    }

    private sealed record TwoViews(Module<Tensor, Tensor> Model) : INetwork
    {
        public Module Root => Model;

        public IOutputs Forward(Batch batch) =>
            new ModelOutput(Model.call(batch.Images) + Model.call(batch.Images.flip(3)));
    }

    private sealed class Residual : Module<Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor> conv = Conv2d(1, 1, 3, padding: 1);

        public Residual() : base(nameof(Residual)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            using var inner = torch.NewDisposeScope();
            return conv.call(input).add_(input).MoveToOuterDisposeScope();
        }
    }

    private sealed class Bypassed : Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Conv2d conv = Conv2d(1, 1, 3, padding: 1);

        public Bypassed() : base(nameof(Bypassed)) => RegisterComponents();

        public override Tensor forward(Tensor input) =>
            functional.conv2d(input, conv.weight!, conv.bias, [1, 1], [1, 1], [1, 1], 1);
    }

    private sealed class Pair : Module<Tensor, Tensor>
    {
        private readonly Add add = new();
        private readonly TorchSharp.Modules.ModuleList<Module> list = ModuleList<Module>(ReLU());

        public Pair() : base(nameof(Pair)) => RegisterComponents();

        public override Tensor forward(Tensor input) => add.call(input, input);

        private sealed class Add() : Module<Tensor, Tensor, Tensor>(nameof(Add))
        {
            public override Tensor forward(Tensor a, Tensor b) => a + b;
        }
    }
}
