using KdNotebooks.Data;
using KdNotebooks.Models;
using KdNotebooks.Models.Classification;
using KdNotebooks.Models.Detection;
using KdNotebooks.Runtime;
using KdNotebooks.Tracing;
using KdNotebooks.Weights.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Weights.Onnx;

/// <summary>Each file is run by ONNX Runtime, and gives the network's own logits.</summary>
public sealed class OnnxExportTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("resnet8x4", 32)]
    [InlineData("resnet20", 32)]
    [InlineData("ResNet50", 32)]
    [InlineData("wrn_16_2", 32)]
    [InlineData("vgg8", 32)]
    [InlineData("MobileNetV2", 32)]
    [InlineData("ShuffleV1", 32)]
    [InlineData("ShuffleV2", 32)]
    [InlineData("resnet18", 64)]
    [InlineData("resnet50", 64)]
    [InlineData("resnext50_32x4d", 64)]
    [InlineData("mobilenet_v1", 64)]
    [InlineData("mobilenet_v2", 64)]
    [InlineData("mobilenet_v3_large", 64)]
    [InlineData("shufflenet_v2_x1_0", 64)]
    public void A_named_network_gives_its_logits_in_ONNX_Runtime(string name, int size) =>
        Agrees(new NetworkSpec(name).Build(3, 7), [3, size, size]);

    [Theory]
    [InlineData(SegmentationHead.Psp, 8, false)]
    [InlineData(SegmentationHead.DeepLabV3, 16, true)]
    [InlineData(SegmentationHead.Fcn, 32, true)]
    public void A_segmenter_gives_a_map_of_logits_whatever_the_size(SegmentationHead head, int stride, bool deepStem) =>
        Agrees(new SegmenterSpec(head, Width: 4, OutputStride: stride, DeepStem: deepStem).Build(3, 5), [3, 65, 97]);

    [Theory]
    [InlineData(28)]
    [InlineData(17)]
    public void The_small_residual_network_takes_images_of_one_channel(int size) =>
        Agrees(new ResNetSpec(8, 4).Build(1, 10), [1, size, size]);

    [Fact]
    public void A_network_of_ones_own_that_is_made_of_modules_and_seen_operations_is_exported() => Agrees(new Own(), [2, 15, 22]);

    [Fact]
    public void Folding_leaves_no_normalization_behind_a_convolution()
    {
        var network = Network.Of(Wave.Fill(new NetworkSpec("resnet8x4").Build(3, 7)));
        OnnxExport.Write(folder.File("plain.onnx"), network, [3, 32, 32]);
        OnnxExport.Write(folder.File("folded.onnx"), network, [3, 32, 32], fold: true);
        Assert.Contains("BatchNormalization", Kinds("plain.onnx"));
        Assert.DoesNotContain("BatchNormalization", Kinds("folded.onnx"));
        Assert.Contains("layer1.0.conv1.weight", Model("plain.onnx").Graph.Initializer.Select(tensor => tensor.Name));
    }

    [Fact]
    public void The_file_says_what_it_is_and_is_the_same_twice()
    {
        var network = Network.Of(Wave.Fill(new ResNetSpec(8, 4).Build(3, 10)));
        var text = new Dictionary<string, string> { ["classes"] = "a, b" };
        OnnxExport.Write(folder.File("one.onnx"), network, [3, 32, 32], metadata: text);
        OnnxExport.Write(folder.File("two.onnx"), network, [3, 32, 32], metadata: text);
        Assert.Equal(File.ReadAllBytes(folder.File("one.onnx")), File.ReadAllBytes(folder.File("two.onnx")));
        var model = Model("one.onnx");
        Assert.Equal((13L, "batch"), (model.OpsetImport[0].Version, model.Graph.Input[0].Type.TensorType.Shape.Dim[0].DimParam));
        Assert.Equal("a, b", Assert.Single(model.MetadataProps).Value);
        Assert.Equal(["one.onnx", "two.onnx"], folder.Names);
    }

    [Fact]
    public void The_network_is_left_as_it_was()
    {
        var model = new ResNetSpec(8, 4).Build(3, 10);
        model.train();
        var before = KdNotebooks.Weights.StateDict.Fingerprint(model);
        OnnxExport.Write(folder.File("x.onnx"), Network.Of(model), [3, 32, 32], fold: true);
        Assert.True(model.training && model.modules().All(module => module.training));
        Assert.Equal(before, KdNotebooks.Weights.StateDict.Fingerprint(model));
        Assert.Null(Trace.Current);
    }

    [Fact]
    public void What_cannot_be_exported_is_refused_by_name_and_nothing_is_written()
    {
        Assert.Contains("'act' (GELU)", Refused(Sequential(("conv", Conv2d(3, 4, 3)), ("act", GELU()))));
        Assert.Contains("'block' (Plain)", Refused(Sequential(("conv", Conv2d(3, 4, 3)), ("block", new Plain(x => x * 2)))));
        Assert.Contains(
            "'conv' (Conv2d)", Refused(new Outer(x => x + 1)));
        Assert.Contains("was changed in its place", Refused(new Outer(x =>
        {
            x.add_(1);
            return x;
        })));
        Assert.Contains("'conv' is a Conv2d with padding 'Reflect'", Refused(
            Sequential(("conv", Conv2d(3, 4, 3, padding: 1, padding_mode: PaddingModes.Reflect)))));
        Assert.Contains("FasterRcnn cannot be exported: ", Refused(new FasterRcnnSpec(Depth: 18, Width: 8).Build(3, 5)));
        Assert.Contains("expected [C, H, W]", Assert.Throws<KdException>(
            () => OnnxExport.Write(folder.File("x.onnx"), Network.Of(Conv2d(3, 4, 3)), [3, 8])).Message);
        Assert.Contains("does not take images of [5, 16, 16]", Assert.Throws<KdException>(
            () => OnnxExport.Write(folder.File("x.onnx"), Network.Of(Conv2d(3, 4, 3)), [5, 16, 16])).Message);
        Assert.Empty(folder.Names);
    }

    private string Refused(Module module)
    {
        var message = Assert.Throws<KdException>(
            () => OnnxExport.Write(folder.File("x.onnx"), Network.Of(module), [3, 64, 64])).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    // Plain and folded, one image and three.
    private void Agrees(Module module, long[] image)
    {
        var network = Network.Of(Moderate(module));
        module.eval();
        foreach (var fold in new[] { false, true })
        {
            OnnxExport.Write(folder.File("x.onnx"), network, image, fold);
            using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
            using var session = new InferenceSession(folder.File("x.onnx"), options);
            foreach (var count in new[] { 1L, 3L })
            {
                using var inner = torch.NewDisposeScope();
                using var noGrad = torch.no_grad();
                var images = Wave.Single([count, .. image]);
                var expected = ((ModelOutput)network.Forward(Batch.Of(images))).Logits;
                var given = new DenseTensor<float>(
                    images.data<float>().ToArray(), [.. images.shape.Select(size => (int)size)]);
                using var result = session.Run([NamedOnnxValue.CreateFromTensor("images", given)]);
                var logits = result.Single(value => value.Name == "logits").AsTensor<float>();
                Assert.Equal(expected.shape, logits.Dimensions.ToArray().Select(size => (long)size));
                TensorAssert.Near(expected.contiguous(), torch.tensor(logits.ToArray()).view(expected.shape), 1e-4);
            }
        }
    }

    // Numbers of a formula, of a size that keeps logits moderate: rounding is then as small as in a network that has learned.
    private static Module Moderate(Module module)
    {
        using var noGrad = torch.no_grad();
        foreach (var (_, weight) in Wave.Fill(module).named_parameters().Where(entry => entry.parameter.dim() > 1))
        {
            weight.mul_(2.5 / Math.Sqrt(weight.numel() / (double)weight.shape[0]));
        }

        return module;
    }

    private HashSet<string> Kinds(string name) => [.. Model(name).Graph.Node.Select(node => node.OpType)];

    private global::Onnx.ModelProto Model(string name) =>
        global::Onnx.ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder.File(name)));

    private sealed class Plain(Func<Tensor, Tensor> function) : Module<Tensor, Tensor>(nameof(Plain))
    {
        public override Tensor forward(Tensor input) => function(input);
    }

    private sealed class Outer : Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Conv2d first = Conv2d(3, 3, 1), conv = Conv2d(3, 4, 3);
        private readonly Func<Tensor, Tensor> between;

        public Outer(Func<Tensor, Tensor> between) : base(nameof(Outer))
        {
            this.between = between;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => conv.call(between(first.call(input)));
    }

    // Every operation that there is, with options that no network here has.
    private sealed class Own : Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Conv2d conv = Conv2d(2, 6, (3L, 5L), (2L, 1L), (1L, 2L), (1L, 2L), groups: 2);
        private readonly TorchSharp.Modules.BatchNorm2d norm = BatchNorm2d(6, affine: false), late = BatchNorm2d(6);
        private readonly Module<Tensor, Tensor> leaky = LeakyReLU(0.2), six = ReLU6(), silu = SiLU(), tanh = Tanh(),
            hard = Hardsigmoid(), swish = Hardswish(), sigmoid = Sigmoid(), max = MaxPool2d(3, 2, 1), mean = AvgPool2d(2, 1, 1, count_include_pad: false),
            cells = AdaptiveAvgPool2d((2L, 3L)), drop = Dropout(), flatten = Flatten(), same = Identity();

        private readonly TorchSharp.Modules.Linear fc = Linear(72, 5, hasBias: false);

        public Own() : base(nameof(Own)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            using var scope = torch.NewDisposeScope();
            var x = same.call(norm.call(conv.call(input)));
            x = Traced.Beside(leaky.call(x), silu.call(x)).Channels(3, 6);
            x = late.call(x).Plus(x.Times(sigmoid.call(x))).ReLUInPlace();
            x = max.call(six.call(x)).AddInPlace(max.call(tanh.call(x)));
            x = Traced.Beside(mean.call(x).Resized(9, 7), swish.call(hard.call(x)).Resized(9, 7).EveryNth(1));
            x = drop.call(cells.call(x));
            return fc.call(flatten.call(x).Flat()).MoveToOuterDisposeScope();
        }
    }
}
