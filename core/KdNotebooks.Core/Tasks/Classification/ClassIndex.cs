using KdNotebooks.Data;

namespace KdNotebooks.Tasks.Classification;

/// <summary>The class of an image, from 0.</summary>
public sealed record ClassIndex(int Index) : IMixable
{
    public bool HasPlaces => false;

    public ITarget Through(ImageWindow window) => this;

    public ITarget MixedWith(ITarget other, float share) => new MixedClass(Index, ((ClassIndex)other).Index, share);

    public ITargets Collate(IReadOnlyList<ITarget> targets, ImageSize size, torch.Device device)
    {
        if (targets.Any(target => target is MixedClass))
        {
            return MixedClass.Join(targets, device);
        }

        var classes = targets.Select(target => (long)((ClassIndex)target).Index).ToArray();
        return new ClassTargets(torch.tensor(classes, device: device)) { Range = (classes.Min(), classes.Max()) };
    }
}

/// <summary>Two classes of an image that two were mixed to.</summary>
/// <param name="Index">From 0.</param>
/// <param name="Other">From 0; perhaps the same.</param>
/// <param name="Share">Of the first, 0 to 1.</param>
public sealed record MixedClass(int Index, int Other, float Share) : ITarget
{
    public bool HasPlaces => false;

    public ITarget Through(ImageWindow window) => this;

    public ITargets Collate(IReadOnlyList<ITarget> targets, ImageSize size, torch.Device device) => Join(targets, device);

    // A class by itself is one whose share is 1.
    internal static ClassTargets Join(IReadOnlyList<ITarget> targets, torch.Device device)
    {
        var all = targets.Select(target => target as MixedClass ?? new MixedClass(((ClassIndex)target).Index, ((ClassIndex)target).Index, 1)).ToList();
        var (first, other) = (all.Select(one => (long)one.Index).ToArray(), all.Select(one => (long)one.Other).ToArray());
        return new ClassTargets(torch.tensor(first, device: device))
        {
            Range = (Math.Min(first.Min(), other.Min()), Math.Max(first.Max(), other.Max())),
            Others = torch.tensor(other, device: device),
            Shares = torch.tensor(all.Select(one => one.Share).ToArray(), device: device),
        };
    }
}

/// <summary>The classes of a batch.</summary>
/// <param name="Labels">[N] int64, from 0.</param>
public sealed record ClassTargets(Tensor Labels) : ITargets
{
    public int Count => (int)Labels.shape[0];

    /// <summary>[N] int64, the second class of images that two were mixed to; null where none are.</summary>
    public Tensor? Others { get; init; }

    /// <summary>[N] float32, the first class's share; null where no images are mixed.</summary>
    public Tensor? Shares { get; init; }

    /// <summary>[N] int64: of mixed images the class with the larger share.</summary>
    public Tensor Foremost() => Others is null ? Labels : Labels.where(Shares! >= 0.5f, Others);

    // Known without asking the device; null where the labels came as a tensor.
    internal (long Lowest, long Highest)? Range { get; init; }
}
