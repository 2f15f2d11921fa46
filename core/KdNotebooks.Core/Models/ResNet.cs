using KdNotebooks.Runtime;
using KdNotebooks.Tracing;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models;

/// <summary>
/// The residual network for small images of He et al. 2015 (arXiv:1512.03385), section 4.2: a 3x3 stem and three stages
/// of n blocks with w, 2w and 4w channels, the second and third at half the size of the one before. Names as in
/// torchvision (<c>conv1, bn1, layer1.0.conv1, ..., fc</c>); where channels change the shortcut is a 1x1 convolution
/// (the paper's option B).
/// </summary>
/// <remarks>Any input of at least 4x4 goes through; it is meant for 28x28 and 32x32.</remarks>
public sealed class ResNet : Module<Tensor, Tensor>, IFoldable
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Sequential layer1, layer2, layer3;
    private readonly AdaptiveAvgPool2d avgpool;
    private readonly Linear fc;
    private readonly ConvNorm stem;

    /// <param name="depth">6n + 2: 8, 14, 20, ... convolutions and the classifier.</param>
    /// <param name="width">Channels of the first stage.</param>
    /// <param name="channels">Channels of the image.</param>
    /// <param name="classes">How many logits.</param>
    /// <exception cref="KdException">A number is out of its range.</exception>
    public ResNet(int depth, int width, int channels, int classes) : base(nameof(ResNet))
    {
        if (depth < 8 || (depth - 2) % 6 != 0)
        {
            throw new KdException($"ResNet: depth is {depth}; expected 6n + 2, that is 8, 14, 20, 26, ...");
        }

        if (width < 1 || channels < 1 || classes < 2)
        {
            throw new KdException(
                $"ResNet: width is {width}, channels {channels}, classes {classes}; expected at least 1, 1 and 2.");
        }

        var blocks = (depth - 2) / 6;
        conv1 = Conv2d(channels, width, 3, 1, 1, bias: false);
        bn1 = BatchNorm2d(width);
        layer1 = Stage(blocks, width, width, stride: 1);
        layer2 = Stage(blocks, width, 2L * width, stride: 2);
        layer3 = Stage(blocks, 2L * width, 4L * width, stride: 2);
        avgpool = AdaptiveAvgPool2d(1);
        fc = Linear(4L * width, classes);
        stem = new ConvNorm(conv1, bn1);
        RegisterComponents();
        Initialize();
    }

    // [N, C, H, W] -> [N, K] logits
    public override Tensor forward(Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        var x = stem.Forward(input).ReLUInPlace(); // [N, w, H, W]
        x = layer1.call(x);
        x = layer2.call(x); // [N, 2w, H/2, W/2]
        x = layer3.call(x); // [N, 4w, H/4, W/4]
        x = avgpool.call(x).Flat(); // [N, 4w]
        return fc.call(x).MoveToOuterDisposeScope();
    }

    void IFoldable.Fold(IReadOnlySet<Module> tapped) => stem.Fold(tapped);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            stem.Free();
        }

        base.Dispose(disposing);
    }

    private static Sequential Stage(int blocks, long inputs, long outputs, long stride) => Sequential(
        Enumerable.Range(0, blocks).Select(i => ($"{i}", (Module<Tensor, Tensor>)(i == 0
            ? new BasicBlock(inputs, outputs, stride)
            : new BasicBlock(outputs, outputs)))));

    // He et al. 2015 (arXiv:1502.01852), as torchvision does: fan out, for a ReLU behind it.
    private void Initialize()
    {
        foreach (var conv in modules().OfType<Conv2d>())
        {
            init.kaiming_normal_(conv.weight!, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.ReLU);
        }
    }
}
