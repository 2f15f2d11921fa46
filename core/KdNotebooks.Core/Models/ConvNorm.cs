using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models;

/// <summary>
/// A convolution with the batch normalisation behind it, as one step. It is no module: the block that owns both
/// registers them under torchvision's names, and asks this to run them.
/// </summary>
/// <remarks>
/// A frozen network's normalisation is affine, so it folds into the convolution: w' = w g / s, b' = b - m g / s with
/// s = sqrt(var + eps). One pass over the map is saved.
/// </remarks>
internal sealed class ConvNorm(Conv2d conv, BatchNorm2d norm)
{
    private Tensor? weight, bias;

    // [N, C, H, W] -> [N, C', H', W']; nothing else holds the output, so the caller may overwrite it.
    public Tensor Forward(Tensor x) => weight is null
        ? norm.call(conv.call(x))
        : functional.conv2d(x, weight, bias, conv.stride!, conv.padding!, conv.dilation!, conv.groups);

    /// <summary>Folds the normalisation into the convolution, unless a tap needs the output of one of the two.</summary>
    public void Fold(IReadOnlySet<Module> tapped)
    {
        if (tapped.Contains(conv) || tapped.Contains(norm))
        {
            return;
        }

        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var scale = norm.weight! / (norm.running_var! + norm.eps).sqrt();
        var shift = norm.bias! - (norm.running_mean! * scale);
        bias = (conv.bias is { } own ? shift + (own * scale) : shift).DetachFromDisposeScope();
        weight = ChannelsLast.Of(conv.weight! * scale.view(-1, 1, 1, 1)).DetachFromDisposeScope();
    }

    /// <summary>Frees the folded weights.</summary>
    public void Free()
    {
        weight?.Dispose();
        bias?.Dispose();
        weight = bias = null;
    }
}

/// <summary>A module that can fold its batch normalisations for inference; folding is final.</summary>
internal interface IFoldable
{
    /// <param name="tapped">Modules whose own output is captured: these stay as they are.</param>
    void Fold(IReadOnlySet<Module> tapped);
}
