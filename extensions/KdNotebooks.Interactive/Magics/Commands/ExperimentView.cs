using KdNotebooks.Interactive.Charts;
using KdNotebooks.Results;
using KdNotebooks.Runs;

namespace KdNotebooks.Interactive.Magics.Commands;

/// <summary>What is shown of several methods that were trained: differences, numbers, curves.</summary>
internal static class ExperimentView
{
    public static void Show(ExperimentResult result)
    {
        if (Paired(result.Table))
        {
            Display.Show(DifferenceChart.Draw(result.Table));
        }

        Display.Show(result.Table);
        Display.Show(result.Curves);
    }

    // One method alone, or methods without a seed in common, have no difference to draw.
    private static bool Paired(ResultTable table) =>
        table.Summarise().Any(line => line.Difference is not null);
}
