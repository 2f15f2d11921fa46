using KdNotebooks.Runtime;

namespace KdNotebooks.Metrics;

/// <summary>A class's numbers, see <see cref="CocoResult"/>; NaN where it has no such objects.</summary>
public sealed class CocoClassResult
{
    private readonly double[] curves;

    internal CocoClassResult(int @class, long objects, int found, double[][] precision, double[] recall)
    {
        (Class, Objects, Found, curves) = (@class, objects, found, precision[0]);
        Numbers =
        [
            curves.Average(), Curve(0).Average(), Curve(5).Average(), precision[1].Average(), precision[2].Average(),
            precision[3].Average(), .. recall,
        ];
    }

    /// <summary>Its index.</summary>
    public int Class { get; }

    /// <summary>How many are to be found.</summary>
    public long Objects { get; }

    /// <summary>How many detections count: at most 100 an image.</summary>
    public int Found { get; }

    /// <summary>The twelve of <see cref="CocoResult.Numbers"/>.</summary>
    public IReadOnlyList<double> Numbers { get; }

    /// <summary>Average precision, the mean over IoU 0.5, 0.55, ... 0.95.</summary>
    public double Ap => Numbers[0];

    /// <summary>Average precision at IoU 0.5.</summary>
    public double Ap50 => Numbers[1];

    /// <summary>Average precision at IoU 0.75.</summary>
    public double Ap75 => Numbers[2];

    /// <summary>Recall with a hundred detections an image.</summary>
    public double Ar100 => Numbers[8];

    /// <summary>Precision at recall 0, 0.01, ... 1, each the best at that recall or beyond; NaN without
    /// objects.</summary>
    /// <param name="iou">One of 0.5, 0.55, ... 0.95.</param>
    /// <returns>101 numbers.</returns>
    /// <exception cref="KdException">Another IoU.</exception>
    public IReadOnlyList<double> PrecisionCurve(double iou)
    {
        var t = (int)Math.Round((iou - 0.5) / 0.05);
        return t >= 0 && t < CocoScale.Thresholds && Math.Abs(CocoScale.Iou[t] - iou) < 1e-6
            ? [.. Curve(t)]
            : throw new KdException($"PrecisionCurve: IoU {iou}; expected one of 0.5, 0.55, ... 0.95.");
    }

    private ArraySegment<double> Curve(int threshold) =>
        new(curves, threshold * CocoScale.Recalls, CocoScale.Recalls);
}
