using System.Globalization;
using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>The splits of a dataset, with what their pixels are normalized by.</summary>
/// <remarks>
/// Best epochs are chosen on validation and reported on test: whoever makes a dataset of one set of images keeps them
/// apart (<c>LabeledImages.Split</c> does it image by image).
/// </remarks>
public sealed class Dataset
{
    private Lazy<string> fingerprint;

    /// <param name="name">"fashion-mnist-mini".</param>
    /// <param name="train">What students learn from.</param>
    /// <param name="validation">What best epochs and weights are chosen on.</param>
    /// <param name="test">What is reported; null where its labels are not published.</param>
    /// <param name="mean">Of pixels / 255, one value a channel.</param>
    /// <param name="std">Of pixels / 255, one value a channel, each above 0.</param>
    /// <exception cref="KdException">Splits with other channels or classes than train, or numbers that do not fit.</exception>
    public Dataset(
        string name, SampleSet train, SampleSet validation, SampleSet? test, IReadOnlyList<float> mean,
        IReadOnlyList<float> std)
    {
        (Name, Train, Validation, Test, Mean, Std) = (name, train, validation, test, [.. mean], [.. std]);
        if (new[] { validation, test }.OfType<SampleSet>().FirstOrDefault(set => !Alike(train, set)) is { } other)
        {
            throw new KdException(
                $"{name}: the splits differ in channels, classes or kind: {train}; {other}. Expected one kind of image.");
        }

        if (mean.Count != train.Channels || std.Count != train.Channels || !std.All(value => value > 0))
        {
            throw new KdException(
                $"{name}: mean [{string.Join(", ", mean)}] and std [{string.Join(", ", std)}]; expected "
                + $"{train.Channels} value(s) each, one a channel, std above 0.");
        }

        fingerprint = NewFingerprint();
    }

    /// <summary>Mean over ImageNet's training images, by which pretrained backbones expect their input.</summary>
    public static IReadOnlyList<float> ImageNetMean { get; } = [0.485f, 0.456f, 0.406f];

    /// <summary>Standard deviation over the same images.</summary>
    public static IReadOnlyList<float> ImageNetStd { get; } = [0.229f, 0.224f, 0.225f];

    public string Name { get; }

    public SampleSet Train { get; }

    public SampleSet Validation { get; }

    /// <summary>Null where its labels are not published.</summary>
    public SampleSet? Test { get; }

    /// <summary>Of pixels / 255, one value a channel.</summary>
    public IReadOnlyList<float> Mean { get; }

    /// <summary>Of pixels / 255, one value a channel, above 0.</summary>
    public IReadOnlyList<float> Std { get; }

    public IReadOnlyList<string> ClassNames => Train.ClassNames;

    /// <summary>The kind of target of its labeled images: training images may have none.</summary>
    public Type TargetType => Train.IsLabeled ? Train.TargetType : Validation.TargetType;

    /// <summary>The same data with training images whose labels nobody reads.</summary>
    /// <inheritdoc cref="SampleSet.WithoutLabels"/>
    public Dataset WithoutTrainingLabels() => new(Name, Train.WithoutLabels(), Validation, Test, Mean, Std);

    /// <summary>[C, H, W] of one image; of the first where they differ.</summary>
    public IReadOnlyList<long> ImageShape =>
        Train.SizeOf(0) is var size ? [Train.Channels, size.Height, size.Width] : [];

    /// <summary>
    /// SHA-256 over the splits' fingerprints, mean and standard deviation, 64 lower-case hex digits. Computed at first
    /// use, and again after <see cref="Refresh"/>.
    /// </summary>
    public string Fingerprint => fingerprint.Value;

    /// <summary>Looks at the contents of all splits again.</summary>
    /// <inheritdoc cref="SampleSet.Refresh"/>
    public void Refresh(Rehash rehash = Rehash.Changed, CancellationToken cancel = default)
    {
        foreach (var set in new[] { Train, Validation, Test })
        {
            set?.Refresh(rehash, cancel);
        }

        fingerprint = NewFingerprint();
    }

    /// <param name="split">"train", "validation" or "test".</param>
    /// <exception cref="KdException">There is no such split, or its labels are not published.</exception>
    public SampleSet SplitNamed(string split) => split switch
    {
        "test" => Test ?? throw new KdException(
            $"{Name}: there is no labeled split 'test'; expected 'validation' or 'train'."),
        "validation" => Validation,
        "train" => Train,
        _ => throw new KdException($"Split '{split}' is not known; expected 'test', 'validation' or 'train'."),
    };

    /// <summary>The first images of each split: a smaller dataset for a quick look.</summary>
    /// <param name="test">0 for none; not looked at where there is no such split.</param>
    /// <exception cref="KdException">A split has fewer images, or none was asked for.</exception>
    public Dataset Take(int train, int validation, int test) => new(
        $"{Name} ({train}/{validation}/{test})", Train.Take(train), Validation.Take(validation),
        test == 0 ? null : Test?.Take(test), Mean, Std);

    public override string ToString()
    {
        var sizes = new[] { Train, Validation, Test }.Select(set => set?.OneSize).ToList();
        var size = sizes.TrueForAll(one => one is not null && one == sizes[0])
            ? $" of {Train.Channels}x{sizes[0]!.Value.Height}x{sizes[0]!.Value.Width}"
            : "";
        return $"{Name}: {Train.Count} train, {Validation.Count} validation, {Test?.Count ?? 0} test images{size}, "
            + $"{ClassNames.Count} classes";
    }

    private Lazy<string> NewFingerprint() => new(() => Sha256.OfText(string.Join('\n', Fingerprints())));

    private IEnumerable<string> Fingerprints() => new[] { Train.Fingerprint, Validation.Fingerprint, Test?.Fingerprint ?? "" }
        .Concat(Mean.Concat(Std).Select(value => value.ToString("R", CultureInfo.InvariantCulture)));

    private static bool Alike(SampleSet one, SampleSet other) => one.Channels == other.Channels
        && one.ClassNames.SequenceEqual(other.ClassNames)
        && (!one.IsLabeled || one.TargetType == other.TargetType);
}
