using System.Text;
using KdNotebooks.Analysis;
using KdNotebooks.Results;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>
/// A row an image: the image, its true label map, and what each model predicts, with the mean IoU below.
/// </summary>
internal static class ScenePredictionsFormatter
{
    private const int Most = 24;

    public static MimeBundle Format(ScenePredictions predictions)
    {
        var rows = predictions.Scenes.Take(Most).Select(scene => Row.Of(predictions, scene)).ToList();
        var html = new StringBuilder(HtmlStyle.Element).Append("<figure class=\"kd-scenes\" style=\"margin:.6em 0\">");
        html.Append(HtmlText.Of($"<figcaption><b>Label maps of {predictions.Split} images</b></figcaption>"));
        html.Append(SceneLegend.Of(predictions.Table, predictions.Scenes.Take(Most).SelectMany(Maps)));
        html.Append(HtmlStyle.TableStart).Append(Head(predictions.Models)).Append("<tbody>");
        html.AppendJoin("", rows.Select(row => row.Html())).Append("</tbody></table></div>");
        html.Append(HtmlText.Of($"<p class=\"kd-note\">{Note(predictions)}</p></figure>"));
        var bundle = MimeBundle.OfHtml(html.ToString(), predictions.ToString());
        var pictures = rows.SelectMany(row => row.Pictures).ToList();
        return pictures.Count == 0 ? bundle : bundle.With(
            MimeBundle.Jpeg, Pictures.PhotoSheet(pictures, 2 + predictions.Models.Count));
    }

    private static IEnumerable<byte[]> Maps(PredictedScene scene) =>
        scene.Guesses.Select(guess => guess.Labels).Prepend(scene.Truth.Labels);

    private static string Head(IReadOnlyList<string> models) => "<thead><tr><th scope=\"col\">image</th>"
        + "<th scope=\"col\">truth</th>"
        + string.Join("", models.Select(model => HtmlText.Of($"<th scope=\"col\">{model}</th>"))) + "</tr></thead>";

    private static string Note(ScenePredictions predictions) =>
        "Below each map its mean IoU on this image alone, over the classes that are in the map or in the truth; the score "
        + "of a run is over all images together."
        + (predictions.Scenes.Count > Most ? $" The first {Most} of {predictions.Scenes.Count} images." : "");

    private sealed record Row(IReadOnlyList<(GridImage Picture, string Alt, string Below)> Cells)
    {
        public IEnumerable<GridImage> Pictures => Cells.Select(cell => cell.Picture);

        public static Row Of(ScenePredictions all, PredictedScene scene)
        {
            var (overlay, name) = (new SceneOverlay(all.Table, scene.Truth), $"image {scene.Index}");
            return new Row(
            [
                (overlay.Image, name, name),
                (overlay.Of(scene.Truth.Labels),
                    $"{name}, true classes: {SceneLegend.Names(all.Table, scene.Truth.Labels)}", ""),
                .. scene.Guesses.Zip(all.Models, (guess, model) => (
                    overlay.Of(guess.Labels),
                    $"{name}, classes by {model}: {SceneLegend.Names(all.Table, guess.Labels)}", Score(guess))),
            ]);
        }

        public string Html() => "<tr>" + string.Join("", Cells.Select(cell =>
            $"<td>{ScenePicture.Html(cell.Picture, ScenePicture.Large, cell.Alt)}"
            + HtmlText.Of($"<small>{cell.Below}</small></td>"))) + "</tr>";

        private static string Score(SceneGuess guess) => double.IsFinite(guess.MeanIou)
            ? $"mIoU {ResultTable.Number(guess.MeanIou)} %"
            : "no pixel is counted";
    }
}
