using System.Text;
using KdNotebooks.Data;
using KdNotebooks.Tasks;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>Images with their truth below them, or beside them where it is a picture of its own.</summary>
internal static class SampleGridFormatter
{
    private const int Most = 64;

    public static MimeBundle Format(SampleGrid grid)
    {
        var samples = grid.Samples.Take(Most).ToList();
        var leftOut = grid.Samples.Count > Most ? $"; {grid.Samples.Count - Most} are not shown" : "";
        var caption = (grid.Caption + leftOut).TrimStart(';', ' ');
        if (samples.Count == 0)
        {
            return MimeBundle.OfText(caption);
        }

        var truths = samples.Select(grid.Pictures.Truth).ToList();
        if (truths.Exists(truth => truth.Picture is not null))
        {
            return Pairs(grid.Pictures, samples, truths, caption);
        }

        // Words are enough: pictures with their labels.
        return ImageGridFormatter.Format(new ImageGrid(
            [.. samples.Zip(truths, (sample, truth) => grid.Pictures.Image(sample) with { Label = truth.Words })],
            Caption: caption));
    }

    private static MimeBundle Pairs(IPictures pictures, List<Sample> samples, List<Shown> truths, string caption)
    {
        var text = string.Join('\n', truths.Select((truth, i) => $"image {i}: {truth.Words}").Prepend(caption)).Trim();
        var pairs = samples.Zip(truths, (sample, truth) =>
            (Image: pictures.Image(sample), Truth: truth.Picture, truth.Words)).ToList();
        var html = new StringBuilder(HtmlStyle.Element).Append("<figure class=\"kd-images\" style=\"margin:.6em 0\">");
        html.Append(Legend.Of(pictures.Legend(samples.Select(sample => (sample, (IReadOnlyList<IPrediction>)[])))));
        html.Append("<div class=\"kd-grid\">");
        html.AppendJoin("", pairs.Select((pair, i) => Cell(pair.Image, pair.Truth, pair.Words, i))).Append("</div>");
        html.Append(HtmlText.Of($"<figcaption class=\"kd-note\">{caption}</figcaption></figure>"));
        return MimeBundle.OfHtml(html.ToString(), text).With(MimeBundle.Jpeg, Pictures.PhotoSheet(
            [.. pairs.SelectMany(pair => new[] { pair.Image, pair.Truth ?? pair.Image })], 8));
    }

    private static string Cell(GridImage image, GridImage? truth, string words, int index) =>
        "<figure><div class=\"kd-pair\">" + LargePicture.Html(image, LargePicture.Small, $"image {index}")
        + (truth is null ? "" : LargePicture.Html(
            truth, LargePicture.Small, $"image {index} with its truth: {words}"))
        + HtmlText.Of($"</div><figcaption>image {index}</figcaption></figure>");
}
