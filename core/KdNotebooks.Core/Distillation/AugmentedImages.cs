using System.Globalization;
using KdNotebooks.Data;

namespace KdNotebooks.Distillation;

/// <inheritdoc/>
/// <param name="Seed">Of the augmentation.</param>
internal sealed record AugmentedImages(ImageData Data, Augmentation Augmentation, long Seed) : IAugmentedImages
{
    private const int BatchSize = 128;

    public string Key => $"padding {Augmentation.Padding}, flip {Augmentation.Flip}, seed {Seed}, "
        + $"mean {Numbers(Data.Mean)}, std {Numbers(Data.Std)}";

    public string Fingerprint => Data.Train.Fingerprint;

    public int Count => Data.Train.Count;

    IDataset IAugmentedImages.Data => Data;

    /// <summary>Every image once, in the set's order, in one view.</summary>
    public IEnumerable<Batch> View(int view, CancellationToken cancellation) =>
        // Epoch e shows view e - 1, unlimited or not: see Augmentation.View.
        BatchLoader.InOrder(Data.Train, BatchSize, Augmentation, Seed, view + 1, cancellation);

    IEnumerable<IBatch> IAugmentedImages.View(int view, CancellationToken cancellation) => View(view, cancellation);

    // The same on every machine, whatever its decimal point is: the key of files that outlive the process.
    internal static string Numbers(IEnumerable<float> values) =>
        string.Join(' ', values.Select(value => value.ToString(CultureInfo.InvariantCulture)));
}
