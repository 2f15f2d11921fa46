using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Detection;

/// <summary>
/// One of RetinaNet's two subnets (Lin et al. 2017, arXiv:1708.02002, section 4): four 3x3 convolutions and one that gives
/// the numbers, over every level with the same weights. Names as in torchvision (<c>conv.0.0, cls_logits</c> or
/// <c>bbox_reg</c>).
/// </summary>
/// <remarks>A pass calls it once a level: a tap has as many maps, "head.classification_head.cls_logits[0]" and on.</remarks>
internal sealed class RetinaSubnet : Module<Tensor, Tensor>, IOldNames
{
    private readonly Sequential conv;
    private readonly Conv2d? cls_logits, bbox_reg;
    private readonly long values;

    /// <param name="values">How many numbers an anchor has: classes, or the four of a box.</param>
    /// <param name="boxes">Whether it is the subnet of boxes.</param>
    public RetinaSubnet(int channels, int depth, int anchors, int values, bool boxes) : base(nameof(RetinaSubnet))
    {
        this.values = values;
        conv = Sequential(Enumerable.Range(0, depth).Select(i => ($"{i}", (Module<Tensor, Tensor>)Sequential(
            Conv2d(channels, channels, 3, 1, 1), ReLU()))));
        var last = Conv2d(channels, (long)anchors * values, 3, 1, 1);
        (cls_logits, bbox_reg) = (boxes ? null : last, boxes ? last : null);
        RegisterComponents();
        foreach (var each in modules().OfType<Conv2d>())
        {
            init.normal_(each.weight!, 0, 0.01);
            init.zeros_(each.bias!);
        }
    }

    // In older files convolutions and their activations stood in one row: "conv.2.weight" is the second's.
    IEnumerable<(string Before, string Now)> IOldNames.OldNames => Enumerable.Range(0, conv.Count)
        .SelectMany(i => OldNames.Convolution($"conv.{2 * i}", $"conv.{i}.0"));

    public Conv2d Last => cls_logits ?? bbox_reg!;

    // [N, C, H, W] -> [N, H W A, V]: an anchor a row, those of a position side by side
    public override Tensor forward(Tensor level)
    {
        using var scope = torch.NewDisposeScope();
        var map = Last.call(conv.call(level)); // [N, A V, H, W]
        return map.permute(0, 2, 3, 1).reshape(map.shape[0], -1, values).MoveToOuterDisposeScope();
    }
}

/// <summary>RetinaNet's head: classes and boxes of every anchor.</summary>
internal sealed class RetinaHead : Module
{
    private readonly RetinaSubnet classification_head, regression_head;

    /// <param name="prior">How likely a thing is taken to be before anything is learned; the paper's 0.01.</param>
    public RetinaHead(int channels, int depth, int anchors, int classes, double prior = 0.01) : base(nameof(RetinaHead))
    {
        classification_head = new RetinaSubnet(channels, depth, anchors, classes, boxes: false);
        regression_head = new RetinaSubnet(channels, depth, anchors, 4, boxes: true);
        init.constant_(classification_head.Last.bias!, -Math.Log((1 - prior) / prior));
        RegisterComponents();
    }

    // levels of [N, C, H, W] -> [N, A, K] logits and [N, A, 4] deltas, the finest level first
    public (Tensor Logits, Tensor Deltas) Forward(IReadOnlyList<Tensor> levels)
    {
        using var scope = torch.NewDisposeScope();
        var logits = torch.cat([.. levels.Select(level => classification_head.call(level))], 1);
        var deltas = torch.cat([.. levels.Select(level => regression_head.call(level))], 1);
        return (logits.MoveToOuterDisposeScope(), deltas.MoveToOuterDisposeScope());
    }
}
