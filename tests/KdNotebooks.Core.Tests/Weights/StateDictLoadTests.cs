using KdNotebooks.Runtime;
using KdNotebooks.Tests.Weights.PyTorch;
using KdNotebooks.Weights;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Weights;

/// <summary>A file of whatever format into a module: prefixes, wrappers, other classes.</summary>
public sealed class StateDictLoadTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("state_dict.pth", "", null)]
    [InlineData("legacy.pth", "", null)]
    [InlineData("checkpoint_module_prefix.pth", "state_dict", "below 'module.'")]
    [InlineData("checkpoint_namespace.pth", "model", null)]
    public void A_file_of_PyTorchs_is_loaded_in_one_call(string name, string entry, string? said)
    {
        var model = Small(5);
        var loaded = StateDict.Load(TorchFileAssert.Golden(name), model);
        Assert.Equal((entry, said, 8), (loaded.Entry, loaded.Matched, loaded.Count));
        using var file = WeightsFile.Open(TorchFileAssert.Golden(name));
        Assert.All(model.state_dict(), one => TensorAssert.Same(file.Load(loaded.Prefix + one.Key), one.Value));
        Assert.Equal(8, model.state_dict().Count);
    }

    [Theory]
    [InlineData("backbone.", "below 'backbone.'")]
    [InlineData("module.model.", "below 'module.model.'")]
    [InlineData("_orig_mod.", "_orig_mod")]
    [InlineData("some.thing.else.", "below 'some.thing.else.'")]
    public void Names_are_found_below_whatever_prefix_and_it_is_said(string prefix, string said)
    {
        var (source, target) = (Small(5), Small(5));
        var file = Save(source.state_dict().ToDictionary(entry => prefix + entry.Key, entry => entry.Value), "other.scale");
        var loaded = StateDict.Load(file, target);
        Assert.Contains(said, loaded.Matched);
        Assert.Contains(said, loaded.ToString());
        Assert.Equal(StateDict.Fingerprint(source), StateDict.Fingerprint(target));
    }

    [Theory]
    [InlineData("conv1._orig_mod.weight", "_orig_mod")]
    [InlineData("conv1.module.weight", "module")]
    public void A_wrapper_within_names_is_passed_over(string name, string wrapper)
    {
        var (source, target) = (Small(5), Small(5));
        var tensors = source.state_dict().ToDictionary(
            entry => entry.Key == "conv1.weight" ? name : entry.Key, entry => entry.Value);
        Assert.Equal($"without '{wrapper}.' within their names", StateDict.Load(Save(tensors), target).Matched);
        Assert.Equal(StateDict.Fingerprint(source), StateDict.Fingerprint(target));
    }

    [Fact]
    public void Two_networks_in_one_file_are_a_choice()
    {
        var (student, teacher, target) = (Small(5), Small(5), Small(5));
        var file = Save(student.state_dict().Select(entry => ("student." + entry.Key, entry.Value))
            .Concat(teacher.state_dict().Select(entry => ("teacher." + entry.Key, entry.Value)))
            .ToDictionary(entry => entry.Item1, entry => entry.Value));
        Assert.Contains(
            "below each of 2: student., teacher.", Assert.Throws<KdException>(() => StateDict.Load(file, target)).Message);
        var loaded = StateDict.Load(file, target, new WeightsChoice(Prefix: "teacher"));
        Assert.Equal(StateDict.Fingerprint(teacher), StateDict.Fingerprint(target));
        Assert.Equal(8, loaded.Outside.Count);
    }

    [Fact]
    public void A_classifier_of_another_size_is_left_out_when_asked_and_only_then()
    {
        var target = Small(7);
        var before = target.get_parameter("fc.weight")!.clone();
        var path = TorchFileAssert.Golden("state_dict.pth");
        Assert.Contains(
            "Different: 2: fc.bias (file F32 [5], module F32 [7]), fc.weight (file F32 [5, 4], module F32 [7, 4])",
            Assert.Throws<KdException>(() => StateDict.Load(path, target)).Message);
        var loaded = StateDict.Load(path, target, new WeightsChoice(OtherClasses: true));
        Assert.Equal(["fc.bias", "fc.weight"], loaded.LeftOut.Order(StringComparer.Ordinal));
        Assert.Equal(6, loaded.Count);
        TensorAssert.Same(before, target.get_parameter("fc.weight")!);
        Assert.Contains("left as drawn, for other classes: 2: fc.bias, fc.weight", loaded.ToString());
    }

    [Fact]
    public void What_is_missing_unexpected_and_of_another_shape_is_named()
    {
        var tensors = Small(5).state_dict().Where(entry => entry.Key != "bn1.bias").ToDictionary();
        tensors["conv1.weight"] = torch.zeros(4, 3, 5, 5);
        tensors["fc2.weight"] = torch.zeros(1);
        var message = Assert.Throws<KdException>(() => StateDict.Load(Save(tensors), Small(5))).Message;
        Assert.Contains("Missing in the file: 1: bn1.bias. Unexpected in the file: 1: fc2.weight. Different: 1: conv1.weight", message);
    }

    [Fact]
    public void An_entry_that_cannot_be_read_is_named_with_its_reason()
    {
        var pickle = PickleText.Dict("weight", text => text.Global("os", "system").Ops("(").Text("x").Ops("tR")
            .Text("bias").Tensor(4, 0, [4], [1]));
        var path = folder.Write("x.pth", PickleText.Zip(pickle, ("archive/data/0", new byte[16])));
        Assert.Contains(
            "There, but not to be read: 1: weight (it is what os.system gives, which is not built)",
            Assert.Throws<KdException>(() => StateDict.Load(path, Linear(3, 4))).Message);
    }

    [Fact]
    public void A_student_begins_with_a_file_of_PyTorchs()
    {
        var student = Small(7);
        var initial = new InitialWeights(TorchFileAssert.Golden("checkpoint_module_prefix.pth"));
        Assert.Equal(["fc.bias", "fc.weight"], initial.LoadInto(student).Order(StringComparer.Ordinal));
        Assert.Contains("below 'module.'", Assert.Single(initial.Renamed(student)));
    }

    private static SmallNetwork Small(int classes) => new(classes);

    private string Save(Dictionary<string, Tensor> tensors, params string[] more)
    {
        var all = tensors.ToDictionary();
        Array.ForEach(more, name => all[name] = torch.zeros(1));
        var path = folder.File($"{Guid.NewGuid():N}.safetensors");
        SafeTensors.Write(path, all);
        return path;
    }

    private sealed class SmallNetwork : Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Conv2d conv1 = Conv2d(3, 4, 3, bias: false);
        private readonly TorchSharp.Modules.BatchNorm2d bn1 = BatchNorm2d(4);
        private readonly TorchSharp.Modules.Linear fc;

        public SmallNetwork(int classes) : base(nameof(SmallNetwork))
        {
            fc = Linear(4, classes);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => fc.call(bn1.call(conv1.call(input)).mean([2, 3]));
    }
}
