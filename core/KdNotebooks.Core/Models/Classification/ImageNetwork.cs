using KdNotebooks.Data;
using KdNotebooks.Ops;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Classification;

/// <summary>
/// A network from images to logits: a last map, its mean (or a few cells of it), a linear part. It works in
/// channels-last, whatever layout an image comes in.
/// </summary>
/// <remarks>
/// Mean and flattening are modules of their own everywhere (<c>avgpool</c> [N, C, 1, 1] and <c>flatten</c> [N, C]), so
/// that the pooled features can be listened to; they hold no weights, and change no name of a checkpoint.
/// </remarks>
internal abstract class ImageNetwork(string name) : FoldableModule(name), INetwork
{
    private Module<Tensor, Tensor>? pool, flatten, classifier;

    /// <summary>Module paths of its stages, shallow to deep.</summary>
    public required IReadOnlyList<string> Stages { get; init; }

    Module INetwork.Root => this;

    IReadOnlyList<string>? INetwork.Stages => Stages;

    IOutputs INetwork.Forward(Batch batch) => new ModelOutput(call(batch.Images));

    // [N, C, H, W] -> [N, K] logits
    public override Tensor forward(Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        var map = Map(ChannelsLast.Of(input));
        return classifier!.call(flatten!.call(pool!.call(map))).MoveToOuterDisposeScope();
    }

    /// <summary>[N, C, H, W] -> the map that is pooled.</summary>
    protected abstract Tensor Map(Tensor x);

    /// <summary>The last thing a constructor does: what stands behind the last map, first weights, layout.</summary>
    /// <param name="path">The classifier's name.</param>
    /// <param name="last">From [N, C times cells] to [N, K].</param>
    /// <param name="firstWeights">Draws anew what the code base does not leave at PyTorch's defaults.</param>
    /// <param name="cells">A side, of what is left of the map.</param>
    /// <param name="poolPath">The pooling's name.</param>
    protected void Complete(
        string path, Module<Tensor, Tensor> last, Action<Module>? firstWeights, long cells = 1, string poolPath = "avgpool")
    {
        pool = Add(poolPath, AdaptiveAvgPool2d(cells));
        flatten = Add("flatten", Flatten());
        classifier = Add(path, last);
        firstWeights?.Invoke(this);
        ChannelsLast.Apply(this);
    }
}
