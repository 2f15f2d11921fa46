namespace KdNotebooks.Tasks;

/// <summary>What the numbers of a <see cref="Score"/> are called in tables and files.</summary>
public static class MetricNames
{
    /// <summary>Top-1 accuracy of classification, in percent.</summary>
    public const string Accuracy = "accuracy";

    /// <summary>Mean intersection over union of segmentation, in percent.</summary>
    public const string MeanIou = "mIoU";

    /// <summary>The share of pixels whose class is right, in percent.</summary>
    public const string PixelAccuracy = "pixel accuracy";

    /// <summary>Mean cross-entropy, in nats.</summary>
    public const string Loss = "loss";

    private static readonly HashSet<string> Percentages = [Accuracy, MeanIou, PixelAccuracy];

    /// <summary>Whether a metric is a percentage, from 0 to 100; the more the better.</summary>
    public static bool IsPercent(string metric) => Percentages.Contains(metric);

    /// <summary>"accuracy (%)", "loss".</summary>
    public static string WithUnit(string metric) => IsPercent(metric) ? $"{metric} (%)" : metric;
}
