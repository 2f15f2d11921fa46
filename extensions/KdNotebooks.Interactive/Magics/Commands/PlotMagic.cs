using KdNotebooks.Analysis;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Magics.Commands;

/// <param name="Draw">Gives the figure or the pictures.</param>
/// <param name="File">Where it is written too, as a page; null where not.</param>
public sealed record PlotRequest(string Kind, Func<object> Draw, string? File);

/// <summary><c>#!kd-plot</c>: a figure of a result, a report or one run.</summary>
internal sealed class PlotMagic : MagicCommand<PlotRequest>
{
    private static readonly MagicOption Kind = new("--kind", "What to draw.", "KIND")
    {
        IsImplicit = true,
        IsRequired = true,
        Known = PlotKinds.Names,
    };

    private static readonly MagicOption Of = new(
        "--of", "A result, a weight report or an opened run that a cell has named; or a run folder.", "@RESULT")
    {
        Default = "@result",
        Takes = typeof(object),
    };

    private static readonly MagicOption Image = new(
        "--image", "Which test image's maps, from 0; of scenes several: 0,5,9.", "N")
    {
        Default = "0; the first three scenes",
    };

    private static readonly MagicOption File = new("--out", "Writes it too, as a page that needs no network.", "FILE")
    {
        Default = "it is only shown",
    };

    public override string Name => "kd-plot";

    public override string Summary => "Draws curves, differences, confusion, maps, scenes and more of what was trained.";

    public override IReadOnlyList<MagicOption> Options => [Kind, Of, RunChoice.Method, RunChoice.Seed, Image, File];

    public override string Example => "kd-plot confusion --of @result --method mlp-1 --seed 1";

    public override PlotRequest Read(MagicArguments arguments)
    {
        var kind = arguments.Required(Kind);
        var source = arguments.Value<object>(Of, TrainedRun.Open, fallback: Of.Default);
        var draw = PlotKinds.Find(kind) ?? throw arguments.Wrong(Kind,
            $"is '{kind}'; the nearest is '{Nearest.Of(kind, PlotKinds.Names)}'. Known: "
            + $"{string.Join(", ", PlotKinds.Names)}.");
        var plot = new PlotSource(
            source, [.. arguments.List(Image).Select(text => arguments.Whole(Image, text, least: 0))],
            result => RunChoice.Of(arguments, result),
            wanted => arguments.Wrong(Of, $"is a {source.GetType().Name}; '{kind}' is drawn of {wanted}."));
        return new(kind, () => draw(plot), arguments.Text(File));
    }

    public override object Run(PlotRequest request)
    {
        var drawn = request.Draw();
        Display.Show(drawn);
        if (request.File is { } file)
        {
            FigurePage.Write(file, request.Kind, Formatters.Format(drawn));
            Display.Show(new Markdown($"Wrote `{PathText.Of(file)}`."));
        }

        return drawn;
    }
}
