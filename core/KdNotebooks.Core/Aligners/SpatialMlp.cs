using KdNotebooks.Invariants;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Aligners;

/// <summary>
/// The spatial counterpart of <see cref="ChannelMlp"/>: 3x3, ReLU, 3x3, as wide as the teacher, so that a position
/// also sees its neighbours. It is the generation block of MGD, Yang et al. 2022 (arXiv:2205.01529), without the mask;
/// the zeros of the padding stand around the map.
/// </summary>
/// <remarks>Weights start as PyTorch's convolutions do, as in MGD's code. No normalization.</remarks>
[About("W₂ ∗ ReLU(W₁ ∗ F_s), 3×3 convolutions", "Yang et al. 2022, arXiv:2205.01529, without its mask",
    Claim.EveryAligner | Claim.PinnedAligner)]
public sealed record SpatialMlp : IAligner
{
    public string Name => "spatial";

    public Module<Tensor, Tensor> Build(long studentChannels, long teacherChannels) =>
        Build(studentChannels, teacherChannels, mask: null);

    /// <summary>The layers by name; what a mask adds has no weights, so the names are the same with one.</summary>
    internal static Module<Tensor, Tensor> Build(long studentChannels, long teacherChannels, Module<Tensor, Tensor>? mask)
    {
        List<(string, Module<Tensor, Tensor>)> layers =
        [
            ("align", Pointwise.WhereChannelsDiffer(studentChannels, teacherChannels)), // [N, C_t, H, W] from here on
            ("conv1", Conv2d(teacherChannels, teacherChannels, 3, padding: 1)),
            ("relu", ReLU()),
            ("conv2", Conv2d(teacherChannels, teacherChannels, 3, padding: 1)),
        ];
        if (mask is not null)
        {
            layers.Insert(1, ("mask", mask));
        }

        return Sequential(layers);
    }
}
