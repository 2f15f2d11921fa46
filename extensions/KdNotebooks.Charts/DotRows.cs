using KdNotebooks.Interactive.Charts;
using Plotly.NET;
using Chart = Plotly.NET.CSharp.Chart;

namespace KdNotebooks.Charts;

/// <summary>One row of a dot plot: small points above, a large one with its interval below.</summary>
/// <param name="Points">Each with what its hover says.</param>
/// <param name="Half">Half of the interval around the mean; null for none.</param>
/// <param name="Hover">What the large point says beside its value.</param>
internal sealed record DotRow(
    string Name, MethodStyle Style, IReadOnlyList<(string Text, double Value)> Points, double Mean, double? Half,
    string Hover)
{
    /// <summary>What must be in sight.</summary>
    public IEnumerable<double> Measured => Points.Select(point => point.Value).Append(Mean);

    /// <summary>The ends of the interval.</summary>
    public IEnumerable<double> Interval => Half is { } half ? [Mean - half, Mean + half] : [];
}

/// <summary>Rows of points along one axis of values, the first row on top.</summary>
internal static class DotRows
{
    /// <summary>Pixels that a row takes.</summary>
    public const int RowHeight = 56;

    /// <param name="number">Plotly's format of a value: "+.3~f".</param>
    public static IEnumerable<GenericChart> Traces(IReadOnlyList<DotRow> rows, string number) =>
        rows.SelectMany((row, at) => new[] { Points(row, at, number), Mean(row, at, number) });

    // Rows are numbers with names for ticks: a row has room for points above its mean.
    public static Dictionary<string, object> YAxis(IReadOnlyList<DotRow> rows)
    {
        var axis = ChartFrame.Axis("");
        axis["tickvals"] = Enumerable.Range(0, rows.Count).ToArray();
        axis["ticktext"] = rows.Select(row => ChartText.Escape(row.Name) + "\u2002").ToArray();
        axis["range"] = new[] { rows.Count - 0.4, -0.6 };
        axis["showgrid"] = false;
        axis["showline"] = false;
        axis["ticks"] = "";
        return axis;
    }

    /// <param name="also">Further values that must be in sight.</param>
    public static ValueRange Range(IReadOnlyList<DotRow> rows, params double[] also) => ValueRange.Of(
        rows.SelectMany(row => row.Measured).Concat(also), rows.SelectMany(row => row.Interval));

    /// <summary>An axis of values.</summary>
    public static Dictionary<string, object> XAxis(string title, ValueRange range)
    {
        var axis = ChartFrame.Axis(title);
        axis["range"] = range.Ends;
        return axis;
    }

    private static GenericChart Points(DotRow row, int at, string number) => Chart.Scatter<double, double, string>(
            row.Points.Select(point => point.Value), row.Points.Select(_ => at - 0.22), StyleParam.Mode.Markers,
            Name: ChartText.Escape(row.Name), UseDefaults: false,
            MultiText: row.Points.Select(point => ChartText.Escape(point.Text)).ToArray())
        .With("marker", Marker(row.Style, size: 8, opacity: 0.6))
        .With("hovertemplate", $"%{{text}}: %{{x:{number}}}");

    private static GenericChart Mean(DotRow row, int at, string number)
    {
        var chart = Chart.Scatter<double, double, string>(
                [row.Mean], [(double)at], StyleParam.Mode.Markers, Name: ChartText.Escape(row.Name),
                UseDefaults: false)
            .With("marker", Marker(row.Style, size: 13, opacity: 1))
            .With("hovertemplate", $"mean %{{x:{number}}}  {ChartText.Escape(row.Hover)}");
        return row.Half is not { } half ? chart : chart.With("error_x", new
        {
            type = "data",
            array = new[] { half },
            color = row.Style.Color,
            thickness = 2.5,
            width = 7,
        });
    }

    private static object Marker(MethodStyle style, int size, double opacity) => new
    {
        color = style.Color,
        symbol = style.Symbol,
        size,
        opacity,
    };
}
