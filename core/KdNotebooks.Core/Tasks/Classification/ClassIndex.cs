using KdNotebooks.Data;

namespace KdNotebooks.Tasks.Classification;

/// <summary>The class of an image, from 0.</summary>
public sealed record ClassIndex(int Index) : ITarget
{
    public bool HasPlaces => false;

    public ITarget Through(ImageWindow window) => this;

    public ITargets Collate(IReadOnlyList<ITarget> targets, ImageSize size, torch.Device device)
    {
        var classes = targets.Select(target => (long)((ClassIndex)target).Index).ToArray();
        return new ClassTargets(torch.tensor(classes, device: device)) { Range = (classes.Min(), classes.Max()) };
    }
}

/// <summary>The classes of a batch.</summary>
/// <param name="Labels">[N] int64, from 0.</param>
public sealed record ClassTargets(Tensor Labels) : ITargets
{
    public int Count => (int)Labels.shape[0];

    // Known without asking the device; null where the labels came as a tensor.
    internal (long Lowest, long Highest)? Range { get; init; }
}
