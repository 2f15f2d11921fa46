using KdNotebooks.Data;
using KdNotebooks.Guests.MultiLabel;
using KdNotebooks.Models;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Guests.Parts;

/// <summary>A small network with two outputs: a logit for each class, and how many classes there are.</summary>
/// <param name="Width">Channels of its first stage. The default value is 8.</param>
public sealed record TwoHeads(int Width = 8) : IModelSpec
{
    public string Name => $"two heads (width {Width})";

    public Module Build(int channels, int classes) => new TwoHeadsModel(channels, classes, Width);
}

/// <summary>
/// Stages "near" and "far", heads "classes" and "count". No module from one tensor to one: it says itself how it is run.
/// </summary>
public sealed class TwoHeadsModel : Module, INetwork
{
    private readonly Module<Tensor, Tensor> near, far, classes, count;

    public TwoHeadsModel(int channels, int classCount, int width) : base(nameof(TwoHeadsModel))
    {
        near = Stage(channels, width);
        far = Stage(width, 2 * width);
        classes = Linear(2 * width, classCount);
        count = Linear(2 * width, 1);
        RegisterComponents();
    }

    public Module Root => this;

    public IReadOnlyList<string> Stages => ["near", "far"];

    public IOutputs Forward(Batch batch)
    {
        using var scope = torch.NewDisposeScope();
        var pooled = far.call(near.call(batch.Images)).mean([2, 3]); // [N, 2 width]
        return new LabelOutput(
            classes.call(pooled).MoveToOuterDisposeScope(), count.call(pooled).squeeze(1).MoveToOuterDisposeScope());
    }

    // [N, C, H, W] -> [N, C', H/2, W/2]
    private static Module<Tensor, Tensor> Stage(int from, int to) => Sequential(
        ("conv", Conv2d(from, to, 3, stride: 2, padding: 1, bias: false)), ("norm", BatchNorm2d(to)), ("relu", ReLU()));
}
