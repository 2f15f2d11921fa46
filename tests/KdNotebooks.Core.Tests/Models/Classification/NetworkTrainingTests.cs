using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Models.Classification;
using KdNotebooks.Native;
using KdNotebooks.Recipes;
using KdNotebooks.Teachers;
using KdNotebooks.Tests.Runs;

namespace KdNotebooks.Tests.Models.Classification;

/// <summary>Named networks learn, teach and are cached.</summary>
[Collection(TorchState.Name)]
public sealed class NetworkTrainingTests : IDisposable
{
    private readonly TemporaryFolder root = new();
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public static TheoryData<string> Kinds { get; } =
    [
        "resnet8", "wrn_16_1", "vgg8", "MobileNetV2", "ShuffleV1", "ShuffleV2", "mobilenet_v1", "mobilenet_v2",
        "mobilenet_v3_large", "shufflenet_v2_x1_0",
    ];

    public static TheoryData<string> Trained { get; } =
        [.. NetworkGolden.Names.Where(name => NetworkGolden.Of(name).Any(golden => golden.TryGetProperty("training", out _)))];

    public void Dispose()
    {
        scope.Dispose();
        root.Dispose();
    }

    // Forward and backward in training mode: the losses before each of three steps of the code base itself, in float64.
    [Theory]
    [MemberData(nameof(Trained))]
    public void Its_training_goes_as_its_code_bases(string name)
    {
        var golden = NetworkGolden.Of(name).Single(entry => entry.TryGetProperty("training", out _));
        using var model = (nn.Module<Tensor, Tensor>)TorchvisionGolden.Fill(
            NetworkGolden.Spec(name).Build(3, (int)NetworkGolden.Classes(golden)).to(torch.float64));
        model.train();
        var side = TorchvisionGolden.Numbers(golden.GetProperty("input"))[3];
        var images = TorchvisionGolden.Image(4, 3, side, side).to(torch.float64);
        var classes = torch.arange(4);
        var optimizer = torch.optim.SGD(model.parameters(), 0.05, momentum: 0.9, weight_decay: 5e-4);
        foreach (var expected in golden.GetProperty("training").EnumerateArray())
        {
            optimizer.zero_grad();
            var loss = nn.functional.cross_entropy(model.call(images), classes);
            loss.backward();
            optimizer.step();
            Assert.InRange(loss.ToDouble() / expected.GetDouble(), 1 - 1e-5, 1 + 1e-5);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_step_leaves_no_tensor_behind_and_every_parameter_learns(string name)
    {
        using var model = Small(name).Build(1, 4);
        var images = Wave.Of([8, 1, 32, 32], 0.9).to(torch.float32);
        void Step()
        {
            using var inner = torch.NewDisposeScope();
            model.call(images).square().mean().backward();
        }

        Step();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Step();

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.All(model.named_parameters(), entry => Assert.True(
            entry.parameter.grad is { } grad && grad.isfinite().all().item<bool>(), entry.name));
    }

    [Theory]
    [InlineData("mobilenet_v1", "wrn_16_1", "backbone.model.5", "block3", "block3.layer.0.bn1")]
    [InlineData("resnet8", "ShuffleV2", "layer3", "layer3", "layer3.3.preact")]
    public void It_learns_from_another_live_and_from_a_cache_alike(
        string student, string teacher, string path, string theirs, string before)
    {
        var alone = Trials.Alone() with { Data = new DataSpec("fashion-mnist-mini", 24, 10, 10), BatchSize = 8, Epochs = 1 };
        var file = root.File("teacher.safetensors");
        Seed.Set(3);
        using (var model = Small(teacher).Build(1, 10))
        {
            // It knows the validation images, which are of one class: a teacher that knows nothing is refused.
            model.named_parameters().Last(entry => entry.name.EndsWith("bias", StringComparison.Ordinal)).parameter
                .with_requires_grad(false)[1] = 50f;
            TrainedModel.Save(file, model, alone with { Student = Small(teacher) }, 1, 10);
        }

        var recipe = alone with
        {
            Method = "held",
            Student = Small(student),
            Teacher = new TeacherSpec(file, TeacherSource.Live),
            Connections =
            [
                new(path, theirs, new ChannelMlp(), new L2Loss(), 1, SpatialPolicy.Resize),
                new(path, before, new ConvReg(Relu: false), new AbLoss(), 0.1, SpatialPolicy.Resize),
            ],
            Logits = new(new KdLoss(), 0.5),
        };

        var live = Trials.Run(root.File("live"), recipe).Runs[0];
        var kept = Trials.Run(
            root.File("memory"), recipe with { Teacher = new TeacherSpec(file, TeacherSource.Memory) }).Runs[0];
        var stored = Trials.Run(
            root.File("disk"), recipe with { Teacher = new TeacherSpec(file, TeacherSource.Disk, root.File("cache")) }).Runs[0];

        // A cache sees other batches than the student, and libtorch takes other kernels for them.
        var (one, two, three) = (Weights(live.BestStudent), Weights(kept.BestStudent), Weights(stored.BestStudent));
        Assert.All(one, entry => TensorAssert.Near(entry.Value, two[entry.Key], 1e-3));
        Assert.All(two, entry => TensorAssert.Same(entry.Value, three[entry.Key]));
        Assert.Equal(Small(student), TrainedModel.Load(live.BestStudent).Spec);
    }

    // RepDistiller's and mdistiller's margins at a sum before its ReLU are those of the normalization before it.
    [Theory]
    [InlineData("resnet8", "layer3.0.preact", "layer3.0.bn2")]
    [InlineData("ResNet50", "layer4.2.preact", "layer4.2.bn3")]
    [InlineData("wrn_16_1", "block3.layer.0.bn1", "block3.layer.0.bn1")]
    [InlineData("vgg8", "block3", "block3.1")]
    [InlineData("MobileNetV2", "blocks.4", "blocks.4.2.conv.7")]
    public void A_place_before_a_ReLU_has_the_statistics_of_the_normalization_before_it(
        string name, string place, string norm)
    {
        var model = TorchvisionGolden.Fill(new NetworkSpec(name).Build(1, 4));
        var bias = model.get_parameter($"{norm}.bias")!.detach().data<float>().ToArray();
        using var teacher = new LiveTeacher(Network.Of(model), [place], 1, 32, 32);
        Assert.Equal(bias, teacher.Maps.Norms[place].Mean);
    }

    [Theory]
    [InlineData("vgg8", "classifier", 0.01)]
    [InlineData("MobileNetV2", "classifier.0", 0.01)]
    [InlineData("mobilenet_v1", "head.fc", 0.01)]
    [InlineData("mobilenet_v3_large", "classifier.3", 0.01)]
    [InlineData("resnet8", "fc", null)]
    [InlineData("ShuffleV2", "linear", null)]
    public void It_starts_with_the_weights_that_its_code_base_draws(string name, string linear, double? deviation)
    {
        Seed.Set(5);
        using var model = new NetworkSpec(name).Build(3, 100);
        var weights = model.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
        var weight = weights[linear + ".weight"];
        // PyTorch's default is uniform within 1 / sqrt(inputs).
        Near(deviation ?? 1 / Math.Sqrt(3 * weight.shape[1]), weight);
        Assert.Equal(deviation is null, weights[linear + ".bias"].any().item<bool>());
        foreach (var (path, conv) in weights.Where(entry => entry.Value.dim() == 4 && entry.Value.numel() > 5000))
        {
            var (outputs, field) = (conv.shape[0], conv.shape[2] * conv.shape[3]);
            Near(name == "ShuffleV2" ? 1 / Math.Sqrt(3 * conv.shape[1] * field) : Math.Sqrt(2.0 / (outputs * field)), conv);
        }

        void Near(double expected, Tensor actual) => Assert.InRange(
            actual.std().ToDouble() / expected, 1 - (6 / Math.Sqrt(actual.numel())), 1 + (6 / Math.Sqrt(actual.numel())));
    }

    // Copies: a model that nobody holds takes its tensors with it when it is collected.
    private static Dictionary<string, Tensor> Weights(string file)
    {
        using var model = TrainedModel.Load(file).Build().Root;
        return model.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.detach().clone());
    }

    private static NetworkSpec Small(string name) => new(name)
    {
        Width = name.StartsWith("mobilenet", StringComparison.Ordinal) ? 0.25 : null,
        StemStride = name == "mobilenet_v1" ? 1 : null,
    };
}
