using KdNotebooks.Experiments;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Magics.Commands;

/// <param name="Draw">Gives the figure or the pictures.</param>
public sealed record PlotRequest(string Kind, Func<object> Draw);

/// <summary><c>#!kd-plot</c>: a figure of what a cell has named.</summary>
internal sealed class PlotMagic : MagicCommand<PlotRequest>
{
    private static readonly MagicOption Kind = new("--kind", "What to draw.", "KIND")
    {
        IsImplicit = true,
        IsRequired = true,
        Known = ["curves", "difference"],
    };

    private static readonly MagicOption Of = new("--of", "A result that a cell has named.", "@RESULT")
    {
        Default = "@result",
        Takes = typeof(object),
    };

    public override string Name => "kd-plot";

    public override string Summary => "Draws a figure of a result.";

    public override IReadOnlyList<MagicOption> Options => [Kind, Of];

    public override string Example => "kd-plot difference --of @result";

    public override PlotRequest Read(MagicArguments arguments)
    {
        var kind = arguments.Required(Kind);
        var result = arguments.Value<ExperimentResult>(Of, text => throw arguments.Wrong(Of,
            $"is '{text}'; expected {MagicArguments.ValueSign}name of a result."), fallback: Of.Default);
        return new(kind, kind switch
        {
            "curves" => () => LearningCurvesChart.Draw(result.Curves),
            "difference" => () => DifferenceChart.Draw(result.Table),
            _ => throw arguments.Wrong(Kind, $"is '{kind}'; the nearest is '{Nearest.Of(kind, Kind.Known)}'."),
        });
    }

    public override object Run(PlotRequest request)
    {
        var drawn = request.Draw();
        Display.Show(drawn);
        return drawn;
    }
}
