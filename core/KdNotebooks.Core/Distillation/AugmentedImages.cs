using System.Globalization;
using KdNotebooks.Data;

namespace KdNotebooks.Distillation;

/// <summary>The training images in all their views: what a cache of teacher features is a cache over.</summary>
/// <param name="Seed">Of the augmentation.</param>
internal sealed record AugmentedImages(ImageData Data, Augmentation Augmentation, long Seed)
{
    private const int BatchSize = 128;

    /// <summary>Whatever decides the pixels beside the dataset itself.</summary>
    public string Key => $"padding {Augmentation.Padding}, flip {Augmentation.Flip}, seed {Seed}, "
        + $"mean {Numbers(Data.Mean)}, std {Numbers(Data.Std)}";

    public int Count => Data.Train.Count;

    /// <summary>Every image once, in the set's order, in one view.</summary>
    public IEnumerable<Batch> View(int view, CancellationToken cancellation) =>
        // Epoch e shows view e - 1, unlimited or not: see Augmentation.View.
        BatchLoader.InOrder(Data.Train, BatchSize, Augmentation, Seed, view + 1, cancellation);

    // The same on every machine, whatever its decimal point is: the key of files that outlive the process.
    private static string Numbers(IEnumerable<float> values) =>
        string.Join(' ', values.Select(value => value.ToString(CultureInfo.InvariantCulture)));
}
