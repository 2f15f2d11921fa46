using KdNotebooks.Tracing;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Classification;

/// <summary>
/// Takes the channels of several groups in turn: the first of each, the second of each, ... Zhang et al. 2017
/// (arXiv:1707.01083), figure 1.
/// </summary>
internal sealed class ChannelShuffle(long groups) : Module<Tensor, Tensor>(nameof(ChannelShuffle)), ITraced
{
    TraceOp ITraced.Operation => new TraceOp.Shuffle(groups);

    // [N, g c, H, W] -> [N, c g, H, W], in channels-last as its input is: there the channels of a position are neighbours.
    public override Tensor forward(Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        var x = input.permute(0, 2, 3, 1); // [N, H, W, C]
        x = x.reshape(x.shape[0], x.shape[1], x.shape[2], groups, x.shape[3] / groups).transpose(3, 4);
        return x.flatten(3).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }
}
