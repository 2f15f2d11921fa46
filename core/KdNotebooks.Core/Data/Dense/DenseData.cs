using KdNotebooks.Runtime;

namespace KdNotebooks.Data.Dense;

/// <summary>The splits of a dataset of images with label maps, with what their pixels are normalized by.</summary>
/// <remarks>
/// Unlike <see cref="ImageData"/> the splits are handed in: datasets of this kind publish them apart. Test is null
/// where its labels are not published.
/// </remarks>
public sealed class DenseData : IDataset
{
    /// <param name="mean">Of pixels / 255; red, green, blue.</param>
    /// <param name="std">Of pixels / 255; red, green, blue; each above 0.</param>
    /// <exception cref="KdException">Splits with other labels than train, or numbers that are no three.</exception>
    public DenseData(
        string name, DenseSet train, DenseSet validation, DenseSet? test, IReadOnlyList<float> mean,
        IReadOnlyList<float> std)
    {
        (Name, Train, Validation, Test, Mean, Std) = (name, train, validation, test, mean, std);
        if (new[] { validation, test }.Any(set => set is not null && set.Table != train.Table))
        {
            throw new KdException($"{name}: the splits have different label tables; expected one.");
        }

        if (mean.Count != 3 || std.Count != 3 || !std.All(value => value > 0))
        {
            throw new KdException(
                $"{name}: mean [{string.Join(", ", mean)}] and std [{string.Join(", ", std)}]; "
                + "expected three values each, std above 0.");
        }
    }

    /// <summary>Mean over ImageNet's training images, by which pretrained backbones expect their input.</summary>
    public static IReadOnlyList<float> ImageNetMean { get; } = [0.485f, 0.456f, 0.406f];

    /// <summary>Standard deviation over the same images.</summary>
    public static IReadOnlyList<float> ImageNetStd { get; } = [0.229f, 0.224f, 0.225f];

    public string Name { get; }

    public DenseSet Train { get; }

    public DenseSet Validation { get; }

    public DenseSet? Test { get; }

    IReadOnlyList<long> IDataset.ImageShape => Train.SizeOf(0) is var (height, width) ? [3, height, width] : [];

    IReadOnlyList<string> IDataset.ClassNames => Train.Table.ClassNames;

    int IDataset.TrainCount => Train.Count;

    int IDataset.ValidationCount => Validation.Count;

    int IDataset.TestCount => Test?.Count ?? 0;

    public IReadOnlyList<float> Mean { get; }

    public IReadOnlyList<float> Std { get; }

    /// <summary>SHA-256 over the splits' fingerprints, mean and standard deviation, 64 lower-case hex digits.</summary>
    public string Fingerprint => Splits.Fingerprint(
        [Train.Fingerprint, Validation.Fingerprint, Test?.Fingerprint ?? ""], Mean, Std);

    /// <param name="split">"train", "validation" or "test".</param>
    /// <exception cref="KdException">There is no such split, or its labels are not published.</exception>
    public DenseSet SplitNamed(string split) => split switch
    {
        "test" => Test ?? throw new KdException(
            $"{Name}: there is no labelled split 'test'; expected 'validation' or 'train'."),
        "validation" => Validation,
        "train" => Train,
        _ => throw Splits.Unknown(split),
    };

    /// <summary>The first images of each split: a smaller dataset for a quick look.</summary>
    /// <param name="test">0 for none; not looked at where there is no such split.</param>
    /// <exception cref="KdException">A split has fewer images, or none was asked for.</exception>
    public DenseData Take(int train, int validation, int test) => new(
        $"{Name} ({train}/{validation}/{test})", Train.Take(train), Validation.Take(validation),
        test == 0 ? null : Test?.Take(test), Mean, Std);

    public override string ToString() => string.Join("; ", new[] { Train, Validation, Test }.OfType<DenseSet>());
}
