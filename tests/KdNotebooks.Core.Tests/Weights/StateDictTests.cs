using KdNotebooks.Runtime;
using KdNotebooks.Weights;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Weights;

public sealed class StateDictTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_file_holds_parameters_and_buffers_under_pytorchs_names()
    {
        StateDict.Save(Target, Tiny(), new Dictionary<string, string> { ["epoch"] = "3" });

        using var file = SafeTensorsFile.Open(Target);

        Assert.Equal(
            [
                "bn.bias", "bn.num_batches_tracked", "bn.running_mean", "bn.running_var", "bn.weight",
                "conv.bias", "conv.weight",
            ],
            file.Tensors.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(torch.int64, file.Tensors["bn.num_batches_tracked"].Dtype);
        Assert.Equal("3", file.Metadata["epoch"]);
    }

    [Fact]
    public void A_module_loaded_from_another_computes_the_same()
    {
        var (source, target, image) = (Tiny(), Tiny(), torch.rand(2, 3, 5, 5));
        source.call(image); // moves the running statistics
        StateDict.Save(Target, source);

        StateDict.LoadInto(Target, target);

        Assert.Equal(StateDict.Fingerprint(source), StateDict.Fingerprint(target));
        Assert.Equal(1, target.state_dict()["bn.num_batches_tracked"].item<long>());
        source.eval();
        target.eval();
        Assert.Equal(source.call(image).data<float>().ToArray(), target.call(image).data<float>().ToArray());
    }

    [Fact]
    public void The_module_keeps_its_tensors_memory_format_dtype_and_gradient_flag()
    {
        var (source, target) = (Tiny(), Tiny());
        var weight = target.get_parameter("conv.weight")!;
        ToChannelsLast(weight);
        target.get_parameter("conv.bias")!.requires_grad = false;
        var (handle, strides) = (weight.Handle, weight.stride());
        StateDict.Save(Target, source);

        StateDict.LoadInto(Target, target);

        Assert.Equal(handle, target.get_parameter("conv.weight")!.Handle);
        Assert.Equal(strides, weight.stride());
        Assert.NotEqual(strides, source.get_parameter("conv.weight")!.stride());
        Assert.True(weight.requires_grad && weight.is_leaf);
        Assert.False(target.get_parameter("conv.bias")!.requires_grad);
        Assert.Equal(StateDict.Fingerprint(source), StateDict.Fingerprint(target));
    }

    [Fact]
    public void Half_precision_is_widened_to_the_modules_own_dtype()
    {
        var target = Linear(2, 1, hasBias: false);
        var half = torch.tensor(new[,] { { 0.5f, -2f } }).half();
        SafeTensors.Write(Target, new Dictionary<string, Tensor> { ["weight"] = half });

        StateDict.LoadInto(Target, target);

        Assert.Equal(torch.float32, target.weight!.dtype);
        Assert.Equal([0.5f, -2f], target.weight.data<float>().ToArray());
    }

    [Fact]
    public void Below_a_prefix_only_its_names_are_taken()
    {
        var (whole, part) = (Tiny(), Conv2d(3, 4, 3));
        StateDict.Save(Target, whole);

        StateDict.LoadInto(Target, part, "conv");

        Assert.Equal(whole.get_parameter("conv.weight")!.bytes.ToArray(), part.weight!.bytes.ToArray());
        Assert.Contains(
            "below 'con.' does not fit the module. Missing in the file: 2: bias, weight.",
            Assert.Throws<KdException>(() => StateDict.LoadInto(Target, part, "con")).Message);
    }

    [Fact]
    public void All_that_does_not_fit_is_listed_at_once_and_the_module_is_unchanged()
    {
        var module = Tiny();
        var tensors = Tiny().state_dict();
        tensors.Remove("conv.bias");
        tensors["conv.extra"] = torch.zeros(1);
        tensors["conv.weight"] = torch.zeros(4, 3, 1, 1);
        tensors["bn.num_batches_tracked"] = torch.zeros([]);
        SafeTensors.Write(Target, tensors);
        var before = StateDict.Fingerprint(module);

        var error = Assert.Throws<KdException>(() => StateDict.LoadInto(Target, module));

        Assert.Equal(
            $"{Target} does not fit the module. Missing in the file: 1: conv.bias. "
            + "Unexpected in the file: 1: conv.extra. "
            + "Different: 2: bn.num_batches_tracked (file F32 [], module I64 []), "
            + "conv.weight (file F32 [4, 3, 1, 1], module F32 [4, 3, 3, 3]). "
            + "Build the module as the file's was, or give the prefix under which the file holds it.",
            error.Message);
        Assert.Equal(before, StateDict.Fingerprint(module));
    }

    // PyTorch before 0.4.1 counted no batches; a file may also be pieced together of old and new parts.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_normalization_whose_counter_the_file_does_not_hold_counts_from_0(int without)
    {
        var (source, target, image) = (Two(), Two(), torch.rand(2, 3, 5, 5));
        source.call(image);
        source.call(image);
        target.call(image);
        string[] counters = ["0.bn.num_batches_tracked", "1.bn.num_batches_tracked"];
        var old = source.state_dict().Where(entry => !counters.Take(without).Contains(entry.Key)).ToDictionary();
        SafeTensors.Write(Target, old);

        StateDict.LoadInto(Target, target);

        Assert.Equal(
            counters.Select((_, i) => i < without ? 0L : 2L),
            counters.Select(name => target.state_dict()[name].item<long>()));
        source.eval();
        target.eval();
        TensorAssert.Same(source.call(image), target.call(image));
    }

    [Fact]
    public void A_counter_of_ones_own_is_missed_as_any_other_tensor()
    {
        var counting = new Counting();
        SafeTensors.Write(Target, new Dictionary<string, Tensor>());

        Assert.Contains(
            "Missing in the file: 1: num_batches_tracked.",
            Assert.Throws<KdException>(() => StateDict.LoadInto(Target, counting)).Message);
    }

    [Fact]
    public void Without_its_counter_all_else_of_a_normalization_must_be_there()
    {
        var tensors = Tiny().state_dict();
        tensors.Remove("bn.num_batches_tracked");
        tensors.Remove("bn.running_var");
        SafeTensors.Write(Target, tensors);

        Assert.Contains(
            "Missing in the file: 1: bn.running_var.",
            Assert.Throws<KdException>(() => StateDict.LoadInto(Target, Tiny())).Message);
    }

    [Fact]
    public void A_long_list_is_cut_with_its_count()
    {
        SafeTensors.Write(
            Target, Enumerable.Range(10, 25).ToDictionary(i => $"layer{i}", _ => torch.zeros(1)));

        var error = Assert.Throws<KdException>(() => StateDict.LoadInto(Target, Tiny()));

        Assert.Contains("Unexpected in the file: 25: layer10, layer11", error.Message);
        Assert.Contains("layer19, ... (15 more).", error.Message);
        Assert.DoesNotContain("layer20", error.Message);
    }

    [Fact]
    public void A_fingerprint_changes_with_a_value_a_dtype_and_a_name_but_not_with_strides()
    {
        var module = Tiny();
        var before = StateDict.Fingerprint(module);
        ToChannelsLast(module.get_parameter("conv.weight")!);
        Assert.Equal(before, StateDict.Fingerprint(module));

        using (torch.no_grad())
        {
            module.get_parameter("conv.weight")![0, 0, 0, 0] += 1e-3f;
        }

        var tensor = torch.zeros(2);
        string[] all =
        [
            before,
            StateDict.Fingerprint(module),
            SafeTensors.Fingerprint(new Dictionary<string, Tensor> { ["a"] = tensor }),
            SafeTensors.Fingerprint(new Dictionary<string, Tensor> { ["b"] = tensor }),
            SafeTensors.Fingerprint(new Dictionary<string, Tensor> { ["a"] = tensor.view(1, 2) }),
            SafeTensors.Fingerprint(new Dictionary<string, Tensor> { ["a"] = tensor.to_type(torch.ScalarType.Int32) }),
        ];
        Assert.Distinct(all);
        Assert.All(all, text => Assert.Matches("^[0-9a-f]{64}$", text));
    }

    [Fact]
    public void Saving_loading_and_hashing_leave_no_tensor_alive()
    {
        var module = Tiny();
        StateDict.Save(Target, module); // a module makes its handles on first use
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        StateDict.Save(Target, module);
        StateDict.LoadInto(Target, module);
        StateDict.Fingerprint(module);

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static void ToChannelsLast(Tensor weight)
    {
        using var noGrad = torch.no_grad();
        weight.set_(weight.detach().permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2));
    }

    private static Module<Tensor, Tensor> Tiny() => Sequential(("conv", Conv2d(3, 4, 3)), ("bn", BatchNorm2d(4)));

    private static Module<Tensor, Tensor> Two() =>
        Sequential(Tiny(), Sequential(("conv", Conv2d(4, 4, 3)), ("bn", BatchNorm2d(4))));

    private sealed class Counting : Module
    {
        public Counting() : base(nameof(Counting)) =>
            register_buffer("num_batches_tracked", torch.zeros(1, dtype: torch.int64));
    }

    private string Target => folder.File("module.safetensors");
}
