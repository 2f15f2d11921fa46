using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>The three splits of one dataset, with what its pixels are normalized by.</summary>
/// <remarks>
/// There is no way to hand in three splits: train and validation are dealt from one set, image by image, so an image
/// is in one of them or in neither, and what chooses the best epoch is never a test image.
/// </remarks>
public sealed class ImageData : IDataset
{
    private readonly Lazy<string> _fingerprint;

    private ImageData(
        string name, ImageSet train, ImageSet validation, ImageSet test,
        IReadOnlyList<float> mean, IReadOnlyList<float> std)
    {
        (Name, Train, Validation, Test, Mean, Std) = (name, train, validation, test, mean, std);
        _fingerprint = new Lazy<string>(() =>
            Splits.Fingerprint([train.Fingerprint, validation.Fingerprint, test.Fingerprint], mean, std));
    }

    public string Name { get; }

    public ImageSet Train { get; }

    /// <summary>Split off the official training images.</summary>
    public ImageSet Validation { get; }

    /// <summary>The official test images, or some of them.</summary>
    public ImageSet Test { get; }

    IReadOnlyList<long> IDataset.ImageShape => [Train.Channels, Train.Height, Train.Width];

    IReadOnlyList<string> IDataset.ClassNames => Train.ClassNames;

    int IDataset.TrainCount => Train.Count;

    int IDataset.ValidationCount => Validation.Count;

    int IDataset.TestCount => Test.Count;

    /// <summary>Mean of pixels / 255, one value a channel.</summary>
    public IReadOnlyList<float> Mean { get; }

    /// <summary>Standard deviation of pixels / 255, one value a channel.</summary>
    public IReadOnlyList<float> Std { get; }

    /// <summary>SHA-256 over the three splits, mean and standard deviation, 64 lower-case hex digits.</summary>
    public string Fingerprint => _fingerprint.Value;

    /// <summary>
    /// Deals the training images out in their order: of each class the first <paramref name="trainPerClass"/> go to
    /// train, the next <paramref name="validationPerClass"/> to validation, further ones to neither.
    /// </summary>
    /// <param name="name">"fashion-mnist-mini".</param>
    /// <param name="training">The official training images.</param>
    /// <param name="test">The official test images; taken whole.</param>
    /// <param name="mean">Of pixels / 255, one value a channel.</param>
    /// <param name="std">Of pixels / 255, one value a channel, each above 0.</param>
    /// <exception cref="KdException">A class with too few images, or sets that do not fit together.</exception>
    public static ImageData Split(
        string name, ImageSet training, ImageSet test, int trainPerClass, int validationPerClass,
        IReadOnlyList<float> mean, IReadOnlyList<float> std)
    {
        RequireFitting(name, training, test, mean, std);
        var groups = ClassBalance.Deal(training, trainPerClass, validationPerClass);
        return new ImageData(
            name,
            training.Select(groups[0]).Named($"{name} train"),
            training.Select(groups[1]).Named($"{name} validation"),
            test.Named($"{name} test"),
            [.. mean],
            [.. std]);
    }

    /// <param name="split">"train", "validation" or "test".</param>
    /// <exception cref="KdException">There is no such split.</exception>
    public ImageSet SplitNamed(string split) => split switch
    {
        "test" => Test,
        "validation" => Validation,
        "train" => Train,
        _ => throw Splits.Unknown(split),
    };

    /// <summary>The first images of each split: a smaller dataset for a quick look.</summary>
    /// <exception cref="KdException">A split has fewer images, or none was asked for.</exception>
    public ImageData Take(int train, int validation, int test) => new(
        $"{Name} ({train}/{validation}/{test})",
        Train.Take(train),
        Validation.Take(validation),
        Test.Take(test),
        Mean,
        Std);

    public override string ToString() =>
        $"{Name}: {Train.Count} train, {Validation.Count} validation, {Test.Count} test images "
        + $"of {Train.Channels}x{Train.Height}x{Train.Width}, {Train.ClassNames.Count} classes";

    private static void RequireFitting(
        string name, ImageSet training, ImageSet test, IReadOnlyList<float> mean, IReadOnlyList<float> std)
    {
        if ((training.Channels, training.Height, training.Width) != (test.Channels, test.Height, test.Width)
            || !training.ClassNames.SequenceEqual(test.ClassNames))
        {
            throw new KdException($"{name}: training and test images differ in shape or classes: {training}; {test}.");
        }

        if (training.Pixels.Span.Overlaps(test.Pixels.Span))
        {
            throw new KdException($"{name}: training and test images share memory; expected two sets apart.");
        }

        if (mean.Count != training.Channels || std.Count != training.Channels || !std.All(value => value > 0))
        {
            throw new KdException(
                $"{name}: mean [{string.Join(", ", mean)}] and std [{string.Join(", ", std)}]; "
                + $"expected {training.Channels} value(s) each, std above 0.");
        }
    }
}
