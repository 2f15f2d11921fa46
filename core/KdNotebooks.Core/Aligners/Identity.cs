using KdNotebooks.Invariants;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Aligners;

/// <summary>
/// Leaves the student's map as it is: for losses that compare maps of any channels, and where the channels are equal.
/// </summary>
/// <remarks>Whether the loss can take the two maps is checked when a connection is built.</remarks>
[About("F_s", "",
    Claim.Finite | Claim.LayoutFree | Claim.NothingLeft | Claim.PositionWise | Claim.PinnedAligner)]
public sealed record Identity : IAligner
{
    public string Name => "identity";

    public Module<Tensor, Tensor> Build(long studentChannels, long teacherChannels) => nn.Identity();
}
