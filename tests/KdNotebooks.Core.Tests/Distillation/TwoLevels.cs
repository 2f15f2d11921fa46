using KdNotebooks.Data;
using KdNotebooks.Models;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Distillation;

/// <summary>What <see cref="TwoLevels"/> gives: a map of each level.</summary>
internal sealed record LevelMaps(IReadOnlyList<Tensor> Maps) : IOutputs;

/// <summary>A network that is no map from tensor to tensor: body, down, and one head over both, as a detector's.</summary>
internal sealed class TwoLevels : Module, INetwork
{
    private readonly Module<Tensor, Tensor> body, down, head;

    public TwoLevels(int channels) : base(nameof(TwoLevels))
    {
        body = Conv2d(1, channels, 3, padding: 1);
        down = Conv2d(channels, channels, 3, stride: 2, padding: 1);
        head = Conv2d(channels, channels, 1);
        RegisterComponents();
        head.register_forward_pre_hook((_, input) =>
        {
            HeadCalls++;
            return input;
        });
    }

    public int HeadCalls { get; private set; }

    /// <summary>Passes that went to their end.</summary>
    public int Passes { get; private set; }

    /// <summary>Whether a pass breaks off after the first level.</summary>
    public bool BreaksOff { get; set; }

    public Module Root => this;

    // [N, 1, H, W] -> [N, C, H, W], [N, C, H/2, W/2]
    public IOutputs Forward(Batch batch)
    {
        var fine = body.call(batch.Images);
        var first = head.call(fine);
        if (BreaksOff)
        {
            throw new InvalidOperationException("out of memory, say");
        }

        var outputs = new LevelMaps([first, head.call(down.call(fine))]);
        Passes++;
        return outputs;
    }
}
