using System.Globalization;
using KdNotebooks.Data.Dense;
using KdNotebooks.Data;

namespace KdNotebooks.Distillation;

/// <summary>As <see cref="AugmentedImages"/>, of images with label maps.</summary>
/// <param name="Seed">Of the augmentation.</param>
internal sealed record AugmentedScenes(DenseData Data, DenseAugmentation Augmentation, long Seed) : IAugmentedImages
{
    private const int BatchSize = 16;

    public string Key => string.Create(
        CultureInfo.InvariantCulture,
        $"crop {Augmentation.CropHeight}x{Augmentation.CropWidth}, ratio {Augmentation.MinRatio} to "
        + $"{Augmentation.MaxRatio}, class share {Augmentation.MaxClassShare}, flip {Augmentation.Flip}, distort "
        + $"{Augmentation.Distort}, seed {Seed}, mean {AugmentedImages.Numbers(Data.Mean)}, "
        + $"std {AugmentedImages.Numbers(Data.Std)}");

    public string Fingerprint => Data.Train.Fingerprint;

    public int Count => Data.Train.Count;

    IDataset IAugmentedImages.Data => Data;

    public IEnumerable<IBatch> View(int view, CancellationToken cancellation) =>
        DenseLoader.InOrder(Data.Train, BatchSize, Augmentation, Seed, view + 1, cancellation);
}
