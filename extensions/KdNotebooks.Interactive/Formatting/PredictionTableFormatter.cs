using System.Text;
using KdNotebooks.Analysis;
using KdNotebooks.Tasks;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>A row an image: the image, its truth, and what each model predicts, with a verdict below.</summary>
internal static class PredictionTableFormatter
{
    private const int Most = 24;

    public static MimeBundle Format(PredictionTable table) =>
        Format(table, $"Predictions for {table.Split} images", table.ToString());

    /// <param name="caption">Stands above the table.</param>
    /// <param name="text">All of it in words.</param>
    public static MimeBundle Format(PredictionTable table, string caption, string text)
    {
        var shown = table.Images.Take(Most).ToList();
        var rows = shown.Select(image => Row(table, image)).ToList();
        // Pictures that are compared with each other are large.
        var side = rows.Exists(row => row.Skip(1).Any(cell => cell.Picture is not null))
            ? LargePicture.Large
            : LargePicture.Small;
        var html = new StringBuilder(HtmlStyle.Element).Append("<figure class=\"kd-scenes\" style=\"margin:.6em 0\">");
        html.Append(HtmlText.Of($"<figcaption><b>{caption}</b></figcaption>"));
        html.Append(Legend.Of(table.Task.Pictures.Legend(shown.Select(image => (image.Truth, image.Guesses)))));
        html.Append(HtmlStyle.TableStart).Append(Head(table.Models)).Append("<tbody>");
        html.AppendJoin("", rows.Select(row => Html(row, side))).Append("</tbody></table></div>");
        html.Append(HtmlText.Of($"<p class=\"kd-note\">{Note(table)}</p></figure>"));
        var bundle = MimeBundle.OfHtml(html.ToString(), text);
        var pictures = rows.SelectMany(row => row).Select(cell => cell.Picture).OfType<GridImage>().ToList();
        return pictures.Count == 0 ? bundle : bundle.With(
            MimeBundle.Jpeg, Pictures.PhotoSheet(pictures, pictures.Count / rows.Count));
    }

    private static string Head(IReadOnlyList<string> models) => "<thead><tr><th scope=\"col\">image</th>"
        + "<th scope=\"col\">truth</th>"
        + string.Join("", models.Select(model => HtmlText.Of($"<th scope=\"col\">{model}</th>"))) + "</tr></thead>";

    private static string Note(PredictionTable table) => (table.Task.Pictures.Note
        + (table.Images.Count > Most ? $" The first {Most} of {table.Images.Count} images." : "")
        + $" {table.MachineNote}").Trim();

    private static List<Cell> Row(PredictionTable table, PredictedImage image)
    {
        var (pictures, name) = (table.Task.Pictures, $"image {image.Index}");
        var truth = pictures.Truth(image.Truth);
        return
        [
            new Cell(pictures.Image(image.Truth), name, name),
            new Cell(truth.Picture, $"{name}, truth: {truth.Words}", truth.Picture is null ? truth.Words : truth.Below),
            .. image.Guesses.Zip(table.Models, (guess, model) => pictures.Guess(image.Truth, guess) is var shown
                ? new Cell(
                    shown.Picture, $"{name}, by {model}: {shown.Words}", shown.Picture is null ? shown.Words : shown.Below)
                : null!),
        ];
    }

    private static string Html(List<Cell> row, int side) => "<tr>" + string.Join("", row.Select(cell =>
        (cell.Picture is { } picture
            ? "<td>" + LargePicture.Html(picture, side, cell.Alt)
            : "<td class=\"kd-words\">")
        + HtmlText.Of($"<small>{cell.Below}</small></td>"))) + "</tr>";

    private sealed record Cell(GridImage? Picture, string Alt, string Below);
}
