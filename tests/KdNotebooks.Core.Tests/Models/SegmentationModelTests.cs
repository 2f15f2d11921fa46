using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Models;
using KdNotebooks.Native;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Models;

[Collection(TorchState.Name)]
public sealed class SegmentationModelTests : IDisposable
{
    private static readonly (int, int, int)[] Stride8 = [(1, 1, 1), (2, 1, 1), (1, 1, 2), (1, 2, 4)];

    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData("fcn_resnet50", SegmentationHead.Fcn)]
    [InlineData("deeplabv3_resnet50", SegmentationHead.DeepLabV3)]
    public void It_gives_what_torchvision_gives_with_torchvisions_names(string name, SegmentationHead head)
    {
        using var model = new SegmentationModel(new SegmentationOptions(
            new DeepResNetOptions(50, OutputStride: 8), 5, head));
        TorchvisionGolden.CheckNames(name, model);
        TorchvisionGolden.Fill(model).eval();
        using var noGrad = torch.no_grad();

        var (logits, auxiliary) = model.WithAuxiliary(TorchvisionGolden.Image(name));

        TorchvisionGolden.Check(name, "out", logits);
        TorchvisionGolden.Check(name, "aux", auxiliary!);
        TorchvisionGolden.Check(name, "out", model.call(TorchvisionGolden.Image(name)));
    }

    [Theory]
    [InlineData(SegmentationHead.Fcn)]
    [InlineData(SegmentationHead.DeepLabV3)]
    [InlineData(SegmentationHead.Psp)]
    public void Heads_are_what_functional_calls_compute(SegmentationHead head)
    {
        var model = Small(head).to(torch.float64);
        TorchvisionGolden.Fill(model).eval();
        var image = Wave.Of([2, 3, 41, 49], 0.9);
        var plain = new PlainSegmentation(model, training: false);
        var stages = plain.Stages(image, "backbone.", Stride8);
        var expected = head switch
        {
            SegmentationHead.Fcn => plain.Fcn(stages[3], "classifier."),
            SegmentationHead.DeepLabV3 => plain.DeepLab(stages[3], "classifier.", 12, 24, 36),
            _ => plain.Psp(stages[3], "classifier.", 1, 2, 3, 6),
        };

        var (logits, auxiliary) = ((SegmentationModel)model).WithAuxiliary(image);

        TensorAssert.Near(PlainSegmentation.Enlarged(expected, image), logits, 1e-9);
        TensorAssert.Near(
            PlainSegmentation.Enlarged(plain.Fcn(stages[2], "aux_classifier."), image), auxiliary!, 1e-9);
    }

    [Theory]
    [InlineData(SegmentationHead.Fcn)]
    [InlineData(SegmentationHead.DeepLabV3)]
    [InlineData(SegmentationHead.Psp)]
    public void In_float32_odd_widths_agree_with_float64(SegmentationHead head)
    {
        var options = new SegmentationOptions(new DeepResNetOptions(18, 6, 8, true), 5, head, 20);
        var (model, exact) = (new SegmentationModel(options), new SegmentationModel(options));
        TorchvisionGolden.Fill(model).eval();
        TorchvisionGolden.Fill(exact.to(torch.float64)).eval();
        var image = Wave.Of([3, 3, 40, 40], 0.9);

        var (mine, expected) = (model.call(image.to(torch.float32)), exact.call(image));
        mine.square().mean().backward();
        expected.square().mean().backward();

        TensorAssert.Near(expected, mine.to(torch.float64), 1e-4);
        var gradients = exact.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.grad);
        Assert.All(model.named_parameters().Where(entry => entry.parameter.grad is not null), entry =>
            TensorAssert.Near(gradients[entry.name]!, entry.parameter.grad!.to(torch.float64), 1e-3));
    }

    [Fact]
    public void Taps_hear_the_backbone_the_head_and_the_output_in_a_training_step()
    {
        var model = Small(SegmentationHead.Psp);
        using var taps = new TapSet(
            Network.Of(model), ["backbone", "backbone.layer4", "classifier", "aux_classifier", ""]);
        var (logits, auxiliary) = model.WithAuxiliary(Wave.Single(2, 3, 64, 64));
        Assert.Equal([2, 5, 64, 64], auxiliary!.shape);
        TensorAssert.Same(logits, taps[""]);
        TensorAssert.Same(taps["backbone"], taps["backbone.layer4"]);
        Assert.Equal([2, 64, 8, 8], taps["backbone.layer4"].shape);
        Assert.Equal([2, 5, 8, 8], taps["classifier"].shape);
        Assert.Equal([2, 5, 8, 8], taps["aux_classifier"].shape);
        (logits.square().mean() + (0.4 * auxiliary.square().mean())).backward();
        Assert.All(model.named_parameters(), entry => Assert.NotNull(entry.parameter.grad));
    }

    [Fact]
    public void A_live_teacher_folds_it_and_gives_the_same_maps()
    {
        foreach (var head in Enum.GetValues<SegmentationHead>())
        {
            var model = TorchvisionGolden.Fill(Small(head));
            model.eval();
            var image = Wave.Single(2, 3, 64, 64);
            Tensor logits;
            using (torch.no_grad())
            {
                logits = model.call(image);
            }

            using var teacher = new LiveTeacher(Network.Of(model), ["backbone.layer4", "classifier", ""], 3, 64, 64);
            var features = teacher.Features(Batch.Of(image));
            TensorAssert.Near(logits, features[""], 1e-4);
            Assert.Equal([64, 8, 8], teacher.Maps.Shapes["backbone.layer4"]);
        }
    }

    [Fact]
    public void Dropout_works_in_training_alone()
    {
        Seed.Set(1);
        foreach (var head in Enum.GetValues<SegmentationHead>())
        {
            var (model, image) = (Small(head), Wave.Single(2, 3, 48, 48));
            using var noGrad = torch.no_grad();
            TensorAssert.Differ(model.call(image), model.call(image));
            model.eval();
            TensorAssert.Same(model.call(image), model.call(image));
        }
    }

    [Fact]
    public void Without_an_auxiliary_head_there_are_no_such_logits_and_no_such_names()
    {
        var model = new SegmentationModel(new SegmentationOptions(
            new DeepResNetOptions(18, 4, 8), 5, SegmentationHead.Fcn, Auxiliary: false));
        Assert.Null(model.WithAuxiliary(Wave.Single(2, 3, 32, 32)).Auxiliary);
        Assert.DoesNotContain(model.state_dict().Keys, name => name.StartsWith("aux", StringComparison.Ordinal));
    }

    [Fact]
    public void No_tensor_outlives_a_pass_but_the_logits()
    {
        var statistics = DisposeScopeManager.Statistics;
        foreach (var head in Enum.GetValues<SegmentationHead>())
        {
            var (model, image) = (Small(head), Wave.Single(2, 3, 32, 32));
            model.call(image).Dispose();
            var before = statistics.ThreadTotalLiveCount;
            model.call(image).Dispose();
            var (logits, auxiliary) = model.WithAuxiliary(image);
            logits.Dispose();
            auxiliary!.Dispose();
            Assert.Equal(before, statistics.ThreadTotalLiveCount);
        }
    }

    // PSPNet-R101 and PSPNet-R18 of the paper: the student's names and shapes are mmsegmentation's.
    [Fact]
    public void Pspnet_r18_has_mmsegmentations_widths()
    {
        using var model = new SegmentationModel(new SegmentationOptions(
            new DeepResNetOptions(18, OutputStride: 8, DeepStem: true), 19));
        var shapes = model.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.shape);
        Assert.Equal([32, 3, 3, 3], shapes["backbone.stem.0.weight"]);
        Assert.Equal([64, 32, 3, 3], shapes["backbone.stem.6.weight"]);
        Assert.Equal([128, 512, 1, 1], shapes["classifier.psp_modules.3.1.conv.weight"]);
        Assert.Equal([128, 1024, 3, 3], shapes["classifier.bottleneck.conv.weight"]);
        Assert.Equal([19, 128, 1, 1], shapes["classifier.conv_seg.weight"]);
        Assert.Equal([64, 256, 3, 3], shapes["aux_classifier.0.weight"]);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        var backbone = new DeepResNetOptions(18, 4, 8);
        SegmentationOptions[] wrong =
        [
            new(backbone, 1), new(backbone with { Classes = 3 }, 5), new(backbone, 5, HeadChannels: 0),
            new(backbone, 5, SegmentationHead.DeepLabV3, Rates: []), new(backbone, 5, Bins: [0]),
        ];
        Assert.All(wrong, options => Assert.Throws<KdException>(() => new SegmentationModel(options)));
    }

    private static SegmentationModel Small(SegmentationHead head) => new(new SegmentationOptions(
        new DeepResNetOptions(18, 8, 8), 5, head, 16));
}
