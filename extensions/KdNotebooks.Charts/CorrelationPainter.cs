using KdNotebooks.Analysis;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Runtime;
using Plotly.NET;

namespace KdNotebooks.Charts;

/// <summary>Paints a <see cref="CorrelationChart"/>: two heatmaps side by side for each connection.</summary>
internal static class CorrelationPainter
{
    private const int RowHeight = 380;
    private const string Hover = "teacher channel %{x}, student channel %{y}: %{z:.2f}";

    public static Figure Draw(IReadOnlyList<ChannelMatch> matches)
    {
        if (matches.Count == 0)
        {
            throw new KdException("CorrelationChart: there is no connection to draw; expected at least one.");
        }

        var title = $"Channels of student and teacher: {matches[0].Run}";
        var says = $"Pearson’s correlation over all positions of {matches[0].Images} images; blue: against each other";
        var layout = ChartFrame.Layout(title, says, new { }, new { });
        layout.SetProperty("annotations", matches.SelectMany(Heads(matches.Count)).ToArray());
        var charts = new List<GenericChart>();
        for (var row = 0; row < matches.Count; row++)
        {
            charts.Add(Side(layout, matches[row].Before, matches.Count, row, right: false));
            charts.Add(Side(layout, matches[row].After, matches.Count, row, right: true));
        }

        var altText = $"Heatmaps. {title}. " + string.Join(" ", matches.Select(match => $"{match}."));
        return charts.ToFigure(layout, altText, Table(matches)) with
        {
            Title = title,
            Says = says,
            Height = 150 + (RowHeight * matches.Count),
        };
    }

    private static GenericChart Side(Layout layout, double[,] values, int rows, int row, bool right)
    {
        var number = (2 * row) + (right ? 2 : 1);
        var axes = number == 1 ? "" : $"{number}";
        var x = Heatmap.Channels("teacher channel", down: false);
        x["domain"] = right ? new[] { 0.56, 1 } : [0, 0.44];
        x["anchor"] = "y" + axes;
        var y = Heatmap.Channels(right ? "transformed channel" : "student channel", down: true);
        y["domain"] = Band(rows, row);
        y["anchor"] = "x" + axes;
        layout.SetProperty("xaxis" + axes, x);
        layout.SetProperty("yaxis" + axes, y);
        // One bar for all: they share the scale.
        return Heatmap.Of(values, null, (-1, 1), Heatmap.Diverging, Hover, axes, number == 1
            ? new { title = new { text = "correlation" }, thickness = 14, outlinewidth = 0 }
            : null);
    }

    private static double[] Band(int rows, int row)
    {
        var height = 1.0 / rows;
        var top = 1 - (row * height);
        return [top - height + (row == rows - 1 ? 0 : 0.12 / rows), top - (0.1 * height)];
    }

    private static Func<ChannelMatch, int, IEnumerable<object>> Heads(int rows) => (match, row) =>
    [
        Head($"{match.Connection}: before, best {Short(match.BestBefore)}", 0, Band(rows, row)[1]),
        Head($"after, best {Short(match.BestAfter)}", 0.56, Band(rows, row)[1]),
    ];

    private static string Short(double value) => ChartText.Number(Math.Round(value, 3));

    private static object Head(string text, double x, double y) => new
    {
        text = $"<b>{ChartText.Escape(text)}</b>",
        x,
        xref = "paper",
        xanchor = "left",
        y,
        yref = "paper",
        yanchor = "bottom",
        showarrow = false,
    };

    private static string Table(IReadOnlyList<ChannelMatch> matches) => TextColumns.Of(
    [
        ["connection", "best before", "best after", "own after"],
        .. matches.Select(match => new[]
        {
            match.Connection, ChartText.Number(match.BestBefore), ChartText.Number(match.BestAfter),
            ChartText.Number(match.OwnAfter),
        }),
    ]) + "\nbest: mean over teacher channels of the best absolute correlation with any channel;\n"
        + "own: with the transformed channel that the loss holds to it";
}
