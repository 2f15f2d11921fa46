using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Detection;

/// <summary>Two hidden layers on a pooled region; names as in torchvision (<c>fc6, fc7</c>).</summary>
internal sealed class BoxHead : Module<Tensor, Tensor>
{
    private readonly Linear fc6, fc7;

    public BoxHead(int channels, int side, int width) : base(nameof(BoxHead))
    {
        fc6 = Linear((long)channels * side * side, width);
        fc7 = Linear(width, width);
        RegisterComponents();
    }

    // [R, C, S, S] -> [R, W]
    public override Tensor forward(Tensor regions)
    {
        using var scope = torch.NewDisposeScope();
        return fc7.call(fc6.call(regions.flatten(1)).relu_()).relu_().MoveToOuterDisposeScope();
    }
}

/// <summary>Class and box of a region; names as in torchvision (<c>cls_score, bbox_pred</c>).</summary>
internal sealed class BoxPredictor : Module
{
    private readonly Linear cls_score, bbox_pred;

    /// <param name="outputs">Classes with background, which is 0.</param>
    /// <param name="boxes">How many boxes: one a class, or one for all.</param>
    public BoxPredictor(int width, int outputs, int boxes) : base(nameof(BoxPredictor))
    {
        cls_score = Linear(width, outputs);
        bbox_pred = Linear(width, 4L * boxes);
        RegisterComponents();
    }

    // [R, W] -> [R, K + 1], [R, 4 B]
    public (Tensor Logits, Tensor Deltas) Forward(Tensor regions) => (cls_score.call(regions), bbox_pred.call(regions));
}

/// <summary>
/// Convolutions on a pooled region and one up, then a mask a class: He et al. 2017 (arXiv:1703.06870), figure 4. Names as
/// in torchvision, whose <c>mask_head</c> and <c>mask_predictor</c> stand beside each other.
/// </summary>
internal sealed class MaskPredictor : Module<Tensor, Tensor>
{
    private readonly ConvTranspose2d conv5_mask;
    private readonly Conv2d mask_fcn_logits;

    public MaskPredictor(int channels, int outputs) : base(nameof(MaskPredictor))
    {
        conv5_mask = ConvTranspose2d(channels, channels, 2, 2);
        mask_fcn_logits = Conv2d(channels, outputs, 1);
        RegisterComponents();
        init.kaiming_normal_(conv5_mask.weight!, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.ReLU);
        init.zeros_(conv5_mask.bias!);
        FirstWeights.FanOut(this);
    }

    // [R, C, S, S] -> [R, K + 1, 2 S, 2 S]
    public override Tensor forward(Tensor regions)
    {
        using var scope = torch.NewDisposeScope();
        return mask_fcn_logits.call(conv5_mask.call(regions).relu_()).MoveToOuterDisposeScope();
    }

    /// <summary>torchvision's <c>mask_head</c>: four 3x3 convolutions, each as a sequence with its ReLU.</summary>
    public static Sequential Head(int inputs, int channels)
    {
        var head = Sequential(Enumerable.Range(0, 4).Select(i => ($"{i}", (Module<Tensor, Tensor>)Sequential(
            Conv2d(i == 0 ? inputs : channels, channels, 3, 1, 1), ReLU()))));
        FirstWeights.FanOut(head);
        return head;
    }
}
