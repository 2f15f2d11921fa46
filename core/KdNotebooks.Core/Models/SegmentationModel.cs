using KdNotebooks.Data;
using KdNotebooks.Ops;
using KdNotebooks.Tracing;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models;

/// <summary>
/// A class for each pixel: a residual backbone, a head, and for training an auxiliary head on the third stage. Names as
/// in torchvision (<c>backbone.*, classifier.*, aux_classifier.*</c>).
/// </summary>
/// <remarks>
/// Where to tap: <c>backbone.layer4</c> is the backbone's map, <c>classifier</c> the head's logits at the backbone's
/// size, "" those at the image's. Weights are drawn from torch's generator: <see cref="Native.Seed.Set"/> before makes
/// them again.
/// </remarks>
public sealed class SegmentationModel : Module<Tensor, Tensor>, INetwork
{
    private readonly DeepResNet backbone;
    private readonly Module<Tensor, Tensor> classifier;
    private readonly FcnHead? aux_classifier;

    /// <exception cref="Runtime.KdException">An option is out of its range.</exception>
    public SegmentationModel(SegmentationOptions options) : base(nameof(SegmentationModel))
    {
        options.RequireSound();
        Options = options;
        backbone = new DeepResNet(options.Backbone);
        var (inputs, classes, channels) = (options.Backbone.StageWidth(4), options.Classes, options.HeadChannels);
        classifier = options.Head switch
        {
            SegmentationHead.Fcn => new FcnHead(inputs, classes, channels),
            SegmentationHead.DeepLabV3 => new DeepLabHead(inputs, classes, channels ?? 256, options.Rates),
            _ => new PspHead(inputs, classes, channels, options.Bins),
        };
        aux_classifier = options.Auxiliary ? new FcnHead(options.Backbone.StageWidth(3), classes) : null;
        RegisterComponents();
        FirstWeights.FanOut(this);
        ChannelsLast.Apply(this);
    }

    public SegmentationOptions Options { get; }

    // [N, C, H, W] -> [N, K, H, W] logits at the image's size
    public override Tensor forward(Tensor images)
    {
        using var scope = torch.NewDisposeScope();
        var map = backbone.call(images); // [N, C', H/s, W/s]
        return Enlarged(classifier.call(map), images).MoveToOuterDisposeScope();
    }

    Module INetwork.Root => this;

    IReadOnlyList<string> INetwork.Stages =>
        ["backbone.layer1", "backbone.layer2", "backbone.layer3", "backbone.layer4", "classifier"];

    IOutputs INetwork.Forward(Batch batch) =>
        training ? WithAuxiliary(batch.Images) : new ModelOutput(call(batch.Images));

    /// <summary>What a training step needs: the logits, and the auxiliary head's. It is a call: taps hear it.</summary>
    /// <param name="images">[N, C, H, W].</param>
    /// <returns>Both [N, K, H, W]; the second is null for a model without that head.</returns>
    public ModelOutput WithAuxiliary(Tensor images)
    {
        using var scope = torch.NewDisposeScope();
        Tensor? auxiliary = null;
        backbone.Watch = aux_classifier is null ? null : maps =>
            auxiliary = Enlarged(aux_classifier.call(maps[2]), images).MoveToOtherDisposeScope(scope);
        try
        {
            return new(call(images).MoveToOuterDisposeScope(), auxiliary?.MoveToOuterDisposeScope());
        }
        finally
        {
            backbone.Watch = null;
        }
    }

    private static Tensor Enlarged(Tensor logits, Tensor images) => logits.Resized(images.shape[2], images.shape[3]);
}
