using System.Globalization;

namespace KdNotebooks.Interactive.Charts;

/// <summary>Words and numbers of charts.</summary>
internal static class ChartText
{
    /// <summary>Data as text of a chart: Plotly reads tags and entities in its labels.</summary>
    public static string Escape(string text) =>
        text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");

    /// <summary>Four significant digits, "n/a" for not a number.</summary>
    public static string Number(double value) =>
        double.IsFinite(value) ? value.ToString("G4", CultureInfo.InvariantCulture) : "n/a";

    /// <summary>"accuracy (%)" without its unit.</summary>
    public static string WithoutUnit(string metric) =>
        metric.LastIndexOf(" (", StringComparison.Ordinal) is > 0 and var at ? metric[..at] : metric;

    public static string Capital(string text) => text.Length == 0 ? "" : char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>"1 image", "1,500 images".</summary>
    public static string Count(long count, string noun) =>
        count == 1 ? $"1 {noun}" : FormattableString.Invariant($"{count:N0} {noun}s");
}
