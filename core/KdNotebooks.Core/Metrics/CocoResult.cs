using KdNotebooks.Runtime;

namespace KdNotebooks.Metrics;

/// <summary>
/// COCO's numbers. Each is a share from 0 to 1, the mean over the classes with such objects; NaN where there is none,
/// for which the reference implementation says -1.
/// </summary>
public sealed class CocoResult
{
    internal CocoResult(CocoRegion region, int images, IReadOnlyList<CocoClassResult> classes)
    {
        (Region, Images, Classes) = (region, images, classes);
        Numbers = [.. Enumerable.Range(0, 12).Select(i => KnownMean(classes.Select(one => one.Numbers[i])))];
    }

    /// <summary>What was compared with the truth.</summary>
    public CocoRegion Region { get; }

    public int Images { get; }

    /// <summary>In their order.</summary>
    public IReadOnlyList<CocoClassResult> Classes { get; }

    /// <summary>
    /// The twelve in the reference implementation's order: AP, AP50, AP75, AP of small, medium and large objects; then
    /// recall with 1, 10 and 100 detections an image, and of small, medium and large objects.
    /// </summary>
    public IReadOnlyList<double> Numbers { get; }

    /// <summary>Average precision, the mean over IoU 0.5, 0.55, ... 0.95.</summary>
    public double Ap => Numbers[0];

    /// <summary>Average precision at IoU 0.5.</summary>
    public double Ap50 => Numbers[1];

    /// <summary>Average precision at IoU 0.75.</summary>
    public double Ap75 => Numbers[2];

    /// <summary>Of objects of at most 32 x 32 pixels.</summary>
    public double ApSmall => Numbers[3];

    /// <summary>Of objects of 32 x 32 to 96 x 96 pixels.</summary>
    public double ApMedium => Numbers[4];

    /// <summary>Of objects of at least 96 x 96 pixels.</summary>
    public double ApLarge => Numbers[5];

    /// <summary>Recall with one detection of each class an image, the mean over IoU 0.5 to 0.95.</summary>
    public double Ar1 => Numbers[6];

    /// <summary>The same with ten detections.</summary>
    public double Ar10 => Numbers[7];

    /// <summary>The same with a hundred detections.</summary>
    public double Ar100 => Numbers[8];

    /// <summary>Of objects of at most 32 x 32 pixels, with a hundred detections.</summary>
    public double ArSmall => Numbers[9];

    /// <summary>Of objects of 32 x 32 to 96 x 96 pixels.</summary>
    public double ArMedium => Numbers[10];

    /// <summary>Of objects of at least 96 x 96 pixels.</summary>
    public double ArLarge => Numbers[11];

    /// <summary>Precision at recall 0, 0.01, ... 1: the mean over the classes with objects; NaN where there is
    /// none.</summary>
    /// <param name="iou">One of 0.5, 0.55, ... 0.95.</param>
    /// <returns>101 numbers.</returns>
    /// <exception cref="KdException">Another IoU.</exception>
    public IReadOnlyList<double> PrecisionCurve(double iou)
    {
        var curves = Classes.Select(one => one.PrecisionCurve(iou)).ToArray();
        return [.. Enumerable.Range(0, CocoScale.Recalls).Select(r => KnownMean(curves.Select(curve => curve[r])))];
    }

    /// <summary>The reference implementation's twelve lines.</summary>
    public override string ToString()
    {
        string[] lines =
        [
            "AP", "AP50", "AP75", "AP small", "AP medium", "AP large", "AR 1", "AR 10", "AR 100", "AR small",
            "AR medium", "AR large",
        ];
        return TextColumns.Of([.. lines.Zip(Numbers, (name, number) => (string[])[name, double.IsNaN(number)
            ? "n/a"
            : number.ToString("F4", System.Globalization.CultureInfo.InvariantCulture)])]);
    }

    private static double KnownMean(IEnumerable<double> numbers) =>
        numbers.Where(number => !double.IsNaN(number)).DefaultIfEmpty(double.NaN).Average();
}
