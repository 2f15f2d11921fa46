using KdNotebooks.Ops;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models;

/// <summary>
/// A convolution with the batch normalization behind it, as one step. It is no module: the block that owns both
/// registers them under torchvision's names, and asks this to run them.
/// </summary>
/// <remarks>
/// A frozen network's normalization is affine, so it folds into the convolution: w' = w g / s, b' = b - m g / s with
/// s = sqrt(var + eps). One pass over the map is saved. A module inside the fold is still called where a tap needs its
/// output, but beside the folded pass and never instead of it: what a tap hears changes no bit of anything else.
/// </remarks>
/// <param name="norm">One that <see cref="Norm"/> makes.</param>
/// <param name="pair">The module that holds both, where there is one: its own output can be tapped too.</param>
internal sealed class ConvNorm(Conv2d conv, Module<Tensor, Tensor> norm, Module<Tensor, Tensor>? pair = null)
{
    private Tensor? weight, bias;
    private bool heard;

    /// <summary>A normalization of so many channels: one that learns, or one that never changes.</summary>
    public static Module<Tensor, Tensor> Norm(long channels, bool frozen) =>
        frozen ? new FrozenBatchNorm2d(channels) : BatchNorm2d(channels);

    // [N, C, H, W] -> [N, C', H', W']; nothing else holds the output, so the caller may overwrite it.
    public Tensor Forward(Tensor x)
    {
        if (weight is null)
        {
            return Plain(x);
        }

        if (heard)
        {
            Plain(x).Dispose(); // for its hooks alone
        }

        return functional.conv2d(x, weight, bias, conv.stride!, conv.padding!, conv.dilation!, conv.groups);
    }

    /// <inheritdoc cref="IFoldable.Fold"/>
    public void Fold(IReadOnlySet<Module> tapped)
    {
        heard = new Module?[] { conv, norm, pair }.Any(module => module is not null && tapped.Contains(module));
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var (scale, shift) = Affine(norm);
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

    // y = x scale + shift, a number a channel each.
    private static (Tensor Scale, Tensor Shift) Affine(Module norm)
    {
        var values = norm.state_dict();
        var epsilon = norm is FrozenBatchNorm2d frozen ? frozen.Epsilon : ((BatchNorm2d)norm).eps;
        var scale = values["weight"] / (values["running_var"] + epsilon).sqrt();
        return (scale, values["bias"] - (values["running_mean"] * scale));
    }

    private Tensor Plain(Tensor x) => pair?.call(x) ?? norm.call(conv.call(x));
}

/// <summary>A module that can fold its batch normalizations for inference; folding is final.</summary>
internal interface IFoldable
{
    /// <param name="tapped">Modules whose own output is captured: still called, beside the folded pass.</param>
    void Fold(IReadOnlySet<Module> tapped);
}
