using KdNotebooks.Interactive;
using KdNotebooks.Results;

namespace KdNotebooks.Extensions.Tests.Interactive;

/// <summary>Small results with known differences: linear is 1 above none on each seed, mlp 1.8, 2.0 and 2.2.</summary>
internal static class Samples
{
    public const string Hostile = "<script>alert('x')</script>";

    public static ResultTable Table(string method = "mlp") => new(
        [.. Rows("none", 80, 81, 82), .. Rows("linear", 81, 82, 83.0001), .. Rows(method, 81.8, 83, 84.2)], "none");

    public static LearningCurves Curves(string method = "mlp") => new("accuracy (%)", "validation",
    [
        new("none", 1, [60, 70, 80]), new("none", 2, [62, 72, 82]),
        new(method, 1, [65, 75, 84]), new(method, 2, [63, 73, 86]),
    ]);

    public static ImageGrid Images(string label = "coat") =>
        new([new([0, 100, 200, 255], 2, 2, label), new([255, 0, 0, 0, 255, 0], 2, 1, "bag")], 2, "Two images.");

    private static IEnumerable<ResultRow> Rows(string method, params double[] values) =>
        values.Select((value, i) => new ResultRow(method, i + 1, "accuracy", value, "test"));
}
