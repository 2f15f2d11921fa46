namespace KdNotebooks.Metrics;

/// <summary>The thresholds of the reference implementation's <c>Params</c>, to the last bit.</summary>
internal static class CocoScale
{
    public const int Thresholds = 10, Recalls = 101, Areas = 4, MostFound = 100;

    /// <summary>Of all, small, medium and large objects: least and largest area, both included.</summary>
    public static readonly (double Least, double Largest)[] AreaRanges =
        [(0, 1e10), (0, 32 * 32), (32 * 32, 96 * 96), (96 * 96, 1e10)];

    /// <summary>How many of an image's detections of a class count.</summary>
    public static readonly int[] Limits = [1, 10, MostFound];

    /// <summary>0.5, 0.55, ... 0.95.</summary>
    public static readonly double[] Iou = Linspace(0.5, 0.95, Thresholds);

    /// <summary>0, 0.01, ... 1.</summary>
    public static readonly double[] Recall = Linspace(0, 1, Recalls);

    // As numpy's linspace: multiples of the step, then the start; the end is exact.
    private static double[] Linspace(double start, double end, int count)
    {
        var (numbers, step) = (new double[count], (end - start) / (count - 1));
        for (var i = 0; i < count; i++)
        {
            numbers[i] = (i * step) + start;
        }

        numbers[^1] = end;
        return numbers;
    }
}
