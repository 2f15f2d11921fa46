using System.Text;
using KdNotebooks.Analysis;
using KdNotebooks.Tasks;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>Images with their truth and what was predicted; what is wrong is marked by a sign and a word.</summary>
internal static class PredictionGridFormatter
{
    private const int Most = 24;

    public static MimeBundle Format(Predictions predictions)
    {
        var right = predictions.Right();
        var decided = right.All(one => one is not null);
        var images = predictions.Images.Where((_, i) => right[i] is not true).Take(Most).ToList();
        var caption = images.Count == 0 ? $"{predictions}."
            : decided ? $"{predictions}; the first {images.Count} that were not right."
            : $"{predictions}; the first {images.Count}.";
        return Bundle(caption, [(null, images)], [predictions], predictions.ToString());
    }

    public static MimeBundle Format(PredictionPair pair)
    {
        (string?, List<int>)[] groups = pair.Decided
            ?
            [
                ($"Gained: only {pair.Method.Run} is right", [.. pair.Gained.Take(Most / 2)]),
                ($"Lost: only {pair.Baseline.Run} is right", [.. pair.Lost.Take(Most / 2)]),
            ]
            : [(null, [.. pair.Method.Images.Take(Most)])];
        var caption = pair.Decided ? $"{pair}. The first of each kind in which they differ." : $"{pair}.";
        return Bundle(caption, groups, [pair.Baseline, pair.Method], pair.ToString());
    }

    private static MimeBundle Bundle(
        string caption, (string? Head, List<int> Images)[] groups, Predictions[] students, string text)
    {
        var html = new StringBuilder(HtmlStyle.Element).Append("<figure class=\"kd-images\" style=\"margin:.6em 0\">");
        html.Append(HtmlText.Of($"<figcaption>{caption}</figcaption>"));
        var cells = groups.Select(group => (
            group.Head, Cells: group.Images.Select(image => new GuessCell(image, students)).ToList())).ToList();
        html.Append(Legend.Of(students[0].Task.Pictures.Legend(
            cells.SelectMany(group => group.Cells).Select(cell => (cell.Sample, cell.Guesses)))));
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
        private readonly Predictions[] students;
        private readonly Shown truth;
        private readonly List<Shown> shown;

        public GuessCell(int index, Predictions[] students)
        {
            (this.index, this.students) = (index, students);
            Sample = students[0].Sample(index);
            Guesses = [.. students.Select(student => student.Items[At(student.Images, index)])];
            var pictures = students[0].Task.Pictures;
            (truth, Image) = (pictures.Truth(Sample), pictures.Image(Sample));
            shown = [.. Guesses.Select(guess => pictures.Guess(Sample, guess))];
        }

        public Data.Sample Sample { get; }

        public IReadOnlyList<IPrediction> Guesses { get; }

        public GridImage Image { get; }

        public string Html()
        {
            var scale = Pictures.ScaleOf(Image, 0);
            var html = new StringBuilder($"<figure class=\"kd-guess\"><img src=\"{Pictures.DataUri(Image, 1)}\" ");
            html.Append($"width=\"{Image.Width * scale}\" height=\"{Image.Height * scale}\" ");
            html.Append(HtmlText.Of($"alt=\"{truth.Words}\">"));
            html.Append(HtmlText.Of($"<figcaption><b>{truth.Words}</b> <small>image {index}</small>"));
            for (var i = 0; i < students.Length; i++)
            {
                html.Append(students.Length > 1 ? HtmlText.Of($"<br><small>{students[i].Run}</small>") : "");
                html.Append(shown[i].Picture is { } picture
                    ? "<br>" + LargePicture.Html(picture, LargePicture.Small, shown[i].Words) : "");
                html.Append(HtmlText.Of($"<br>{Verdict(shown[i])}"));
            }

            return html.Append("</figcaption></figure>").ToString();
        }

        public string Text() => $"image {index}, {truth.Words}: "
            + string.Join("; ", students.Zip(shown, (student, guess) => $"{student.Run} {Verdict(guess)}"));

        private static string Verdict(Shown guess) => guess.Below.Length > 0 ? guess.Below : guess.Words;

        private static int At(IReadOnlyList<int> images, int image) =>
            images.Count > image && images[image] == image ? image : images.ToList().IndexOf(image);
    }
}
