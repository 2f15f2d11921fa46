using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tasks.Classification;

/// <summary>Makes datasets of images with one class each.</summary>
public static class LabeledImages
{
    /// <summary>
    /// Deals the training images out in their order: of each class the first <paramref name="trainPerClass"/> go to
    /// train, the next <paramref name="validationPerClass"/> to validation, further ones to neither.
    /// </summary>
    /// <remarks>
    /// Train and validation are dealt from one set, image by image, so an image is in one of them or in neither, and what
    /// chooses the best epoch is never a test image.
    /// </remarks>
    /// <param name="name">"fashion-mnist-mini".</param>
    /// <param name="training">The official training images.</param>
    /// <param name="test">The official test images; taken whole.</param>
    /// <param name="mean">Of pixels / 255, one value a channel.</param>
    /// <param name="std">Of pixels / 255, one value a channel, each above 0.</param>
    /// <exception cref="KdException">A class with too few images, or sets that do not fit together.</exception>
    public static Dataset Split(
        string name, ImageSet training, ImageSet test, int trainPerClass, int validationPerClass,
        IReadOnlyList<float> mean, IReadOnlyList<float> std)
    {
        RequireFitting(name, training, test);
        var groups = ClassBalance.Deal(training, trainPerClass, validationPerClass);
        return new Dataset(
            name,
            training.Select(groups[0]).Named($"{name} train"),
            training.Select(groups[1]).Named($"{name} validation"),
            test.Named($"{name} test"),
            mean,
            std);
    }

    /// <summary>Three sets as they are, normalized by the training images' own mean and deviation.</summary>
    /// <exception cref="KdException">Sets that differ in channels or classes, or that share memory.</exception>
    public static Dataset Of(string name, ImageSet train, ImageSet validation, ImageSet? test)
    {
        foreach (var other in new[] { validation, test }.OfType<ImageSet>())
        {
            RequireFitting(name, train, other);
        }

        var (mean, std) = Statistics(train);
        return new Dataset(
            name, train.Named($"{name} train"), validation.Named($"{name} validation"), test?.Named($"{name} test"), mean,
            std);
    }

    // Of pixels / 255, a channel at a time; a channel that is the same everywhere is only centered.
    private static (float[] Mean, float[] Std) Statistics(ImageSet set)
    {
        var (sums, squares) = (new double[set.Channels], new double[set.Channels]);
        var pixels = set.Pixels.Span;
        var plane = set.Height * set.Width;
        for (var i = 0; i < pixels.Length; i++)
        {
            var value = pixels[i] / 255.0;
            sums[i / plane % set.Channels] += value;
            squares[i / plane % set.Channels] += value * value;
        }

        var count = (double)set.Count * plane;
        float[] mean = [.. sums.Select(sum => (float)(sum / count))];
        return (mean, [.. squares.Select((square, i) =>
            Math.Sqrt(Math.Max((square / count) - (sums[i] / count * (sums[i] / count)), 0)) is var std && std > 1e-6
                ? (float)std
                : 1)]);
    }

    private static void RequireFitting(string name, ImageSet training, ImageSet test)
    {
        if (training.OneSize != test.OneSize || training.Channels != test.Channels
            || !training.ClassNames.SequenceEqual(test.ClassNames))
        {
            throw new KdException($"{name}: training and test images differ in shape or classes: {training}; {test}.");
        }

        if (training.Pixels.Span.Overlaps(test.Pixels.Span))
        {
            throw new KdException($"{name}: training and test images share memory; expected two sets apart.");
        }
    }
}
