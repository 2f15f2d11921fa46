using System.Text;
using KdNotebooks.Analysis;
using KdNotebooks.Tasks;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>
/// Images with their truth and what was predicted; what is wrong is marked by a sign and a word. Where predictions are
/// right by degrees, all stand in a table.
/// </summary>
internal static class PredictionGridFormatter
{
    private const int Most = 24;

    public static MimeBundle Format(Predictions predictions)
    {
        var right = predictions.Right();
        if (right.Any(one => one is null))
        {
            return Table($"{predictions}", predictions);
        }

        var images = predictions.Images.Where((_, i) => right[i] == false).Take(Most).ToList();
        var caption = images.Count == 0
            ? $"{predictions}."
            : $"{predictions}; the first {images.Count} that were not right.";
        return Bundle(caption, [(null, images)], [predictions], predictions.ToString());
    }

    public static MimeBundle Format(PredictionPair pair)
    {
        if (!pair.Decided)
        {
            return Table($"{pair}", pair.Baseline, pair.Method);
        }

        (string?, List<int>)[] groups =
        [
            ($"Gained: only {pair.Method.Run} is right", [.. pair.Gained.Take(Most / 2)]),
            ($"Lost: only {pair.Baseline.Run} is right", [.. pair.Lost.Take(Most / 2)]),
        ];
        return Bundle($"{pair}. The first of each kind in which they differ.", groups, [pair.Baseline, pair.Method],
            pair.ToString());
    }

    private static MimeBundle Table(string caption, params Predictions[] students)
    {
        var first = students[0];
        // What is not shown is not read: images may be large.
        var table = new PredictionTable(first.Split, first.Task, [.. students.Select(student => student.Run)],
            [.. first.Images.Take(Most).Select((image, i) => new PredictedImage(
                image, first.Sample(image), [.. students.Select(student => student.Items[i])]))]);
        var left = first.Images.Count - table.Images.Count;
        return PredictionTableFormatter.Format(
            table, left == 0 ? caption : $"{caption}; the first {Most}", $"{caption}\n{table}");
    }

    private static MimeBundle Bundle(
        string caption, (string? Head, List<int> Images)[] groups, Predictions[] students, string text)
    {
        var html = new StringBuilder(HtmlStyle.Element).Append("<figure class=\"kd-images\" style=\"margin:.6em 0\">");
        html.Append(HtmlText.Of($"<figcaption>{caption}</figcaption>"));
        var cells = groups.Select(group => (
            group.Head, Cells: group.Images.Select(image => new GuessCell(image, students)).ToList())).ToList();
        foreach (var (head, shown) in cells.Where(group => group.Cells.Count > 0))
        {
            html.Append(head is null ? "" : HtmlText.Of($"<p class=\"kd-head\">{head}</p>"));
            html.Append("<div class=\"kd-grid\">").AppendJoin("", shown.Select(cell => cell.Html())).Append("</div>");
        }

        var all = cells.SelectMany(group => group.Cells).ToList();
        var bundle = MimeBundle.OfHtml(
            html.Append("</figure>").ToString(), string.Join('\n', all.Select(cell => cell.Text()).Prepend(text)));
        return all.Count == 0 ? bundle
            : bundle.With(MimeBundle.Png, Convert.ToBase64String(Pictures.Sheet([.. all.Select(cell => cell.Image)], 8, 0)));
    }

    /// <summary>One image with what each student says of it.</summary>
    private sealed class GuessCell
    {
        private readonly int index;
        private readonly string truth;
        private readonly List<(string Run, string Says)> students;

        public GuessCell(int index, Predictions[] students)
        {
            var (sample, pictures) = (students[0].Sample(index), students[0].Task.Pictures);
            (this.index, truth, Image) = (index, pictures.Truth(sample).Words, pictures.Image(sample));
            this.students = [.. students.Select(student => (student.Run, Says: Verdict(
                pictures.Guess(sample, student.Items[At(student.Images, index)]))))];
        }

        public GridImage Image { get; }

        public string Html()
        {
            var scale = Pictures.ScaleOf(Image, 0);
            var html = new StringBuilder($"<figure class=\"kd-guess\"><img src=\"{Pictures.DataUri(Image, 1)}\" ");
            html.Append($"width=\"{Image.Width * scale}\" height=\"{Image.Height * scale}\" ");
            html.Append(HtmlText.Of($"alt=\"{truth}\">"));
            html.Append(HtmlText.Of($"<figcaption><b>{truth}</b> <small>image {index}</small>"));
            foreach (var (run, says) in students)
            {
                html.Append(students.Count > 1 ? HtmlText.Of($"<br><small>{run}</small>") : "");
                html.Append(HtmlText.Of($"<br>{says}"));
            }

            return html.Append("</figcaption></figure>").ToString();
        }

        public string Text() => $"image {index}, {truth}: "
            + string.Join("; ", students.Select(student => $"{student.Run} {student.Says}"));

        private static string Verdict(Shown guess) => guess.Below.Length > 0 ? guess.Below : guess.Words;

        private static int At(IReadOnlyList<int> images, int image) =>
            images.Count > image && images[image] == image ? image : images.ToList().IndexOf(image);
    }
}
