using System.Text;
using KdNotebooks.Aligners;
using KdNotebooks.Losses;
using KdNotebooks.Runtime;
using Microsoft.Data.Analysis;

namespace KdNotebooks.Catalogue;

/// <summary>The losses or the aligners of the <see cref="PartKinds"/> as a table, made from their types.</summary>
public sealed class PartTable
{
    private PartTable(IEnumerable<PartCard> cards) => Cards = [.. cards];

    /// <summary>Every loss, of logits first.</summary>
    public static PartTable Losses { get; } = new([.. Of<ILogitLoss>(), .. Of<IFeatureLoss>()]);

    public static PartTable Aligners { get; } = new(Of<IAligner>());

    /// <summary>In the catalogue's order.</summary>
    public IReadOnlyList<PartCard> Cards { get; }

    /// <summary>One of them by its word.</summary>
    /// <exception cref="KdException">There is none; the nearest is named.</exception>
    public PartCard this[string kind] => Cards.FirstOrDefault(card => card.Kind == kind) ?? throw new KdException(
        $"'{kind}' is not in the catalogue; the nearest is '{Nearest.Of(kind, Cards.Select(card => card.Kind))}'. "
        + $"Known: {string.Join(", ", Cards.Select(card => card.Kind))}.");

    /// <summary>One row a part.</summary>
    public DataFrame ToDataFrame() => new(
        new StringDataFrameColumn("name", Cards.Select(card => card.Kind)),
        new StringDataFrameColumn("formula", Cards.Select(card => card.About.Formula)),
        new StringDataFrameColumn("paper", Cards.Select(card => card.About.Paper)),
        new StringDataFrameColumn("options", Cards.Select(card => string.Join(", ", card.Options))),
        new StringDataFrameColumn("claims", Cards.Select(card => card.Claims)));

    /// <summary>A block a part, for a terminal.</summary>
    public override string ToString() => string.Join('\n', Cards.Select(Block));

    /// <summary>One part's block.</summary>
    public static string Block(PartCard card)
    {
        var text = new StringBuilder();
        void Line(string head, string body)
        {
            if (body.Length > 0)
            {
                text.Append($"{head,-14}{body}\n");
            }
        }

        Line(card.Kind, $"{card.Type.Name}, {card.Role}{(card.Takes.Length > 0 ? $": {card.Takes}" : "")}");
        Line("  formula", card.About.Formula);
        Line("  paper", card.About.Paper);
        Line("  options", string.Join(", ", card.Options));
        Line("  weight", card.About.Weight);
        Line("  claims", card.Claims);
        return text.ToString();
    }

    /// <summary>A Markdown table.</summary>
    public string ToMarkdown()
    {
        var weighed = Cards.Any(card => card.About.Weight.Length > 0);
        List<string> heads = ["name", "type", "formula", "paper", "options", "invariants claimed"];
        if (weighed)
        {
            heads.Insert(5, "weight in reference code");
        }

        var text = new StringBuilder().Append(Row(heads)).Append(Row(heads.Select(_ => "---")));
        foreach (var card in Cards)
        {
            var takes = card.Takes.Length > 0 ? $"; {card.Takes}" : "";
            List<string> cells =
            [
                $"`{card.Kind}`", $"`{card.Type.Name}`{takes}", card.About.Formula, card.About.Paper,
                string.Join(", ", card.Options), card.Claims,
            ];
            if (weighed)
            {
                cells.Insert(5, card.About.Weight);
            }

            text.Append(Row(cells));
        }

        return text.ToString();
    }

    private static IEnumerable<PartCard> Of<T>() =>
        PartKinds.All[typeof(T)].Select(kind => PartCard.Of(kind.Kind, kind.Type));

    // A bar would end the cell.
    private static string Row(IEnumerable<string> cells) =>
        $"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", "\\|")))} |\n";
}
