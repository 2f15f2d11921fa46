using Plotly.NET;

namespace KdNotebooks.Charts;

/// <summary>A matrix as colors. Rows go down, as in a table.</summary>
internal static class Heatmap
{
    private const int Few = 400;

    // One hue, darker the more: read without color too; and never so dark that a number in it cannot be read.
    public static object[][] Sequential { get; } =
        [[0, "#f1f5fa"], [0.25, "#e0ebf7"], [0.5, "#c6dbef"], [0.75, "#9ac8e4"], [1, "#62a8d4"]];

    // Blue below zero, orange above, light at zero: told apart with any kind of color vision.
    public static object[][] Diverging { get; } =
        [[0, "#053061"], [0.25, "#4393c3"], [0.5, "#f7f7f7"], [0.75, "#e08214"], [1, "#7f3b08"]];

    /// <param name="values">[rows, columns]; NaN leaves a gap.</param>
    /// <param name="cells">What stands in each cell; null for none.</param>
    /// <param name="hover">Plotly's template over x, y, z and text.</param>
    /// <param name="axes">"" for the first pair of axes, "2" for the second.</param>
    public static GenericChart Of(
        double[,] values, string[][]? cells, (double Low, double High) range, object scale, string hover,
        string axes = "", object? bar = null)
    {
        var trace = new Trace("heatmap");
        trace.SetProperty("z", Rows(values));
        trace.SetProperty("zmin", range.Low);
        trace.SetProperty("zmax", range.High);
        trace.SetProperty("colorscale", scale);
        trace.SetProperty("hovertemplate", hover + "<extra></extra>");
        trace.SetProperty("hoverongaps", false);
        trace.SetProperty("xaxis", "x" + axes);
        trace.SetProperty("yaxis", "y" + axes);
        trace.SetProperty("showscale", bar is not null);
        if (bar is not null)
        {
            trace.SetProperty("colorbar", bar);
        }

        if (cells is not null)
        {
            trace.SetProperty("text", cells);
            trace.SetProperty("texttemplate", "%{text}");
            trace.SetProperty("textfont", new { color = "#1b1f24" }); // the cells are light on a dark page too
        }

        return GenericChart.ofTraceObject(false, trace);
    }

    /// <summary>An axis of names, one a row or column.</summary>
    public static Dictionary<string, object> Names(string title, IEnumerable<string> names, bool down)
    {
        var ticks = names.ToArray();
        var axis = Channels(title, down);
        axis["tickvals"] = Enumerable.Range(0, ticks.Length).ToArray();
        axis["ticktext"] = ticks;
        return axis;
    }

    /// <summary>An axis of numbered rows or columns.</summary>
    public static Dictionary<string, object> Channels(string title, bool down)
    {
        var axis = ChartFrame.Axis(title);
        axis["showgrid"] = false;
        axis["showline"] = false;
        axis["ticks"] = "";
        if (down)
        {
            axis["autorange"] = "reversed";
        }

        return axis;
    }

    // No color tells more digits, and a large matrix would fill the notebook.
    private static double[][] Rows(double[,] values)
    {
        var digits = values.Length > Few ? 2 : 4;
        return [.. Enumerable.Range(0, values.GetLength(0)).Select(row => Enumerable.Range(0, values.GetLength(1))
            .Select(column => Math.Round(values[row, column], digits)).ToArray())];
    }
}
