using System.Text.Json;
using System.Text.Json.Nodes;
using KdNotebooks.Interactive.Charts;
using Microsoft.FSharp.Core;
using Plotly.NET;

namespace KdNotebooks.Charts;

/// <summary>What all our charts share: fonts, margins, a light ground, and the way from Plotly.NET to text.</summary>
internal static class ChartFrame
{
    private const string Font = "system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', sans-serif";
    private const int MostLetters = 100;
    private const string Ink = "#24292f";
    private const string Faint = "#e4e7eb";

    /// <summary>Title with a line below it that says what is drawn, a legend below, and the two axes.</summary>
    public static Layout Layout(string title, string says, object xAxis, object yAxis, int left = 64)
    {
        var layout = new Layout();
        string[] lines = [.. Lines(says).Select(ChartText.Escape)];
        layout.SetProperty("title", new
        {
            text = $"<b>{ChartText.Escape(title)}</b><br>"
                + $"<span style=\"font-size:13px\">{string.Join("<br>", lines)}</span>",
            x = 0,
            xref = "paper",
            xanchor = "left",
            y = 0.95,
            yanchor = "top",
            font = new { size = 17 },
        });
        layout.SetProperty("font", new { family = Font, size = 13, color = Ink });
        layout.SetProperty("margin", new { l = left, r = 24, t = 66 + (18 * lines.Length), b = 64 });
        layout.SetProperty("paper_bgcolor", "#ffffff");
        layout.SetProperty("plot_bgcolor", "#ffffff");
        layout.SetProperty("legend", new { orientation = "h", x = 0, xanchor = "left", y = -0.2, yanchor = "top" });
        layout.SetProperty("hoverlabel", new { font = new { family = Font, size = 13 } });
        layout.SetProperty("xaxis", xAxis);
        layout.SetProperty("yaxis", yAxis);
        return layout;
    }

    /// <summary>What is said below the title where not all runs were made alike; which, stands in the table.</summary>
    public static string Unlike(string machineNote) => machineNote.Length == 0 ? ""
        : "; not all runs were made on one machine with one number of threads: see the table";

    /// <summary>A figure's table with what is to be said below it.</summary>
    public static string Below(string table, string machineNote) =>
        machineNote.Length == 0 ? table : $"{table}\n{machineNote}";

    // Plotly does not break lines: what is longer than the figure is wide would be cut off.
    private static IEnumerable<string> Lines(string says)
    {
        while (says.Length > MostLetters && says.LastIndexOf(' ', MostLetters) is > 0 and var space)
        {
            yield return says[..space];
            says = says[(space + 1)..];
        }

        yield return says;
    }

    /// <summary>An axis of numbers with a quiet grid.</summary>
    public static Dictionary<string, object> Axis(string title) => new()
    {
        ["title"] = new { text = ChartText.Escape(title), standoff = 12 },
        ["gridcolor"] = Faint,
        ["linecolor"] = "#9aa1a9",
        ["showline"] = true,
        ["zeroline"] = false,
        ["ticks"] = "outside",
        ["tickcolor"] = "#9aa1a9",
        ["automargin"] = true,
    };

    /// <summary>What lies between two lines of a method.</summary>
    /// <param name="opacity">0 to 1.</param>
    public static GenericChart Band(
        string method, MethodStyle style, IReadOnlyList<double> x, IReadOnlyList<double> low, IReadOnlyList<double> high,
        double opacity)
    {
        // There and back again along one closed path, so that a band is one mark. Gaps are left out of it.
        var known = Enumerable.Range(0, x.Count).Where(i => double.IsFinite(low[i])).ToArray();
        var path = known.Select(i => (X: x[i], Y: high[i])).Concat(known.Reverse().Select(i => (X: x[i], Y: low[i]))).ToArray();
        return Plotly.NET.CSharp.Chart.Scatter<double, double, string>(
                path.Select(at => at.X), path.Select(at => at.Y), StyleParam.Mode.Lines,
                Name: ChartText.Escape(method), ShowLegend: false, LineWidth: 0.0,
                LineColor: Color.fromString(style.Faded(0)), UseDefaults: false)
            .With("fill", "toself")
            .With("fillcolor", style.Faded(opacity))
            .With("hoverinfo", "skip")
            .With("legendgroup", ChartText.Escape(method));
    }

    /// <summary>Sets what Plotly.NET has no argument for.</summary>
    public static GenericChart With(this GenericChart chart, string property, object value) =>
        GenericChart.mapTrace(FuncConvert.FromFunc<Trace, Trace>(trace =>
        {
            trace.SetProperty(property, value);
            return trace;
        }), chart);

    /// <summary>The charts on one pair of axes, as a figure.</summary>
    public static Figure ToFigure(this IEnumerable<GenericChart> charts, Layout layout, string altText, string table) =>
        ToFigure(GenericChart.setLayout(layout, GenericChart.combine(charts)), altText, table);

    /// <summary>Any Plotly.NET chart as a figure.</summary>
    public static Figure ToFigure(GenericChart chart, string altText, string table)
    {
        var json = JsonNode.Parse(GenericChart.toFigureJson(chart))!;
        LeaveGaps(json["data"]);
        var figure = new Figure(json["data"]!.ToJsonString(), json["layout"]!.ToJsonString(), altText, table);
        return json["layout"]!["height"] is { } height ? figure with { Height = (int)height } : figure;
    }

    // Plotly.NET writes a number that is none as a text among numbers; Plotly's word for a gap is null.
    private static void LeaveGaps(JsonNode? node)
    {
        if (node is JsonObject trace)
        {
            foreach (var (_, value) in trace)
            {
                LeaveGaps(value);
            }
        }

        if (node is not JsonArray array)
        {
            return;
        }

        var numbers = array.All(item => item is null || item.GetValueKind() == JsonValueKind.Number || IsGap(item));
        for (var i = 0; i < array.Count; i++)
        {
            if (numbers && IsGap(array[i]))
            {
                array[i] = null;
            }
            else
            {
                LeaveGaps(array[i]);
            }
        }
    }

    private static bool IsGap(JsonNode? item) => item?.GetValueKind() == JsonValueKind.String
        && (string?)item is "NaN" or "Infinity" or "-Infinity";
}
