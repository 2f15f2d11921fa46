namespace KdNotebooks.Data;

/// <summary>
/// What is to be learned of one image: a class, a label map, boxes. Opaque to everything but its task; it lives in
/// managed memory and is never changed.
/// </summary>
public interface ITarget
{
    /// <summary>
    /// Whether it says something of places in the image, so that it must go along where the image is cropped or
    /// mirrored. The default is true.
    /// </summary>
    bool HasPlaces => true;

    /// <summary>The target of the image that the window makes; called where <see cref="HasPlaces"/>.</summary>
    ITarget Through(ImageWindow window);

    /// <summary>The targets of a batch, whose first this is, on the device; the caller's dispose scope owns them.</summary>
    /// <param name="targets">One an image, all of one kind.</param>
    /// <param name="size">Of the batch's images; smaller ones were padded at the right and the bottom.</param>
    ITargets Collate(IReadOnlyList<ITarget> targets, ImageSize size, torch.Device device);
}

/// <summary>
/// A target of which a crop can be too plain: one that says of each pixel which class it is
/// (<see cref="ResizedCrop.MaxClassShare"/>).
/// </summary>
public interface IPixelClasses
{
    /// <summary>
    /// The share of the labeled pixels in the window that the largest class has, 0 to 1; 1 where no pixel is labeled.
    /// </summary>
    double LargestShare(ImageWindow window);
}

/// <summary>A target of which two can be learned at once, each by a share.</summary>
public interface IMixable : ITarget
{
    /// <param name="other">Of the same kind.</param>
    /// <param name="share">Of this one, 0 to 1; the rest is the other's.</param>
    ITarget MixedWith(ITarget other, float share);
}

/// <summary>The targets of a batch, as its task's loss and meter read them.</summary>
public interface ITargets
{
    /// <summary>How many images.</summary>
    int Count { get; }
}

/// <summary>Nothing is known of the image: a teacher alone can say what is to be learned of it.</summary>
public sealed record Unlabeled : IMixable
{
    public ITarget MixedWith(ITarget other, float share) => this;

    /// <summary>All are alike.</summary>
    public static Unlabeled Instance { get; } = new();

    public bool HasPlaces => false;

    public ITarget Through(ImageWindow window) => this;

    public ITargets Collate(IReadOnlyList<ITarget> targets, ImageSize size, torch.Device device) =>
        new NoTargets(targets.Count);
}

/// <summary>The targets of images that are looked at and not learned from.</summary>
/// <param name="Count">How many images.</param>
public sealed record NoTargets(int Count) : ITargets;
