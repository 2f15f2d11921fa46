using KdNotebooks.Interactive.Charts;
using Plotly.NET;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>A chart that a cell made with Plotly.NET itself, shown as our own figures are.</summary>
internal static class GenericChartFormatter
{
    public static MimeBundle Format(object value)
    {
        var chart = (GenericChart)value;
        var traces = GenericChart.countTrace(chart);
        var text = $"Plotly chart of {ChartText.Count(traces, "trace")}";
        return FigureFormatter.Format(ChartFrame.ToFigure(chart, text, text));
    }
}
