using System.Globalization;
using System.Text;
using KdNotebooks.Analysis;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>Images with their class and what was predicted; what is wrong is marked by a sign and a word.</summary>
internal static class PredictionGridFormatter
{
    private const int Most = 24;

    public static MimeBundle Format(Predictions predictions)
    {
        var wrong = Enumerable.Range(0, predictions.Classes.Count).Where(index => !predictions.IsRight(index));
        var shown = wrong.Take(Most).ToList();
        var caption = shown.Count == 0 ? $"{predictions}." : $"{predictions}; the first {shown.Count} that were not.";
        return Bundle(caption, [(null, shown)], [predictions], predictions.ToString());
    }

    public static MimeBundle Format(PredictionPair pair)
    {
        (string?, List<int>)[] groups =
        [
            ($"Gained: only {pair.Method.Run} is right", [.. pair.Gained.Take(Most / 2)]),
            ($"Lost: only {pair.Baseline.Run} is right", [.. pair.Lost.Take(Most / 2)]),
        ];
        return Bundle($"{pair}. The first of each kind in which they differ.", groups, [pair.Baseline, pair.Method],
            pair.ToString());
    }

    private static MimeBundle Bundle(
        string caption, (string? Head, List<int> Images)[] groups, Predictions[] students, string text)
    {
        var html = new StringBuilder(HtmlStyle.Element).Append("<figure class=\"kd-images\" style=\"margin:.6em 0\">");
        html.Append(HtmlText.Of($"<figcaption>{caption}</figcaption>"));
        foreach (var (head, images) in groups.Where(group => group.Images.Count > 0))
        {
            html.Append(head is null ? "" : HtmlText.Of($"<p class=\"kd-head\">{head}</p>"));
            html.Append("<div class=\"kd-grid\">").AppendJoin("", images.Select(index => Cell(index, students)));
            html.Append("</div>");
        }

        var bundle = MimeBundle.OfHtml(html.Append("</figure>").ToString(), Text(text, groups, students));
        var all = groups.SelectMany(group => group.Images).Select(index => Picture(index, students[0])).ToList();
        return all.Count == 0 ? bundle
            : bundle.With(MimeBundle.Png, Convert.ToBase64String(Pictures.Sheet(all, 8, 0)));
    }

    private static string Cell(int index, Predictions[] students)
    {
        var (image, truth) = (Picture(index, students[0]), Truth(index, students[0]));
        var scale = Pictures.ScaleOf(image, 0);
        var html = new StringBuilder($"<figure class=\"kd-guess\"><img src=\"{Pictures.DataUri(image, 1)}\" ");
        html.Append(HtmlText.Of($"width=\"{image.Width * scale}\" height=\"{image.Height * scale}\" alt=\"{truth}\">"));
        html.Append(HtmlText.Of($"<figcaption><b>{truth}</b> <small>image {index}</small>"));
        foreach (var student in students)
        {
            html.Append(students.Length > 1 ? HtmlText.Of($"<br><small>{student.Run}</small>") : "");
            html.Append(HtmlText.Of($"<br>{Guess(index, student)}"));
        }

        return html.Append("</figcaption></figure>").ToString();
    }

    private static string Guess(int index, Predictions student) => student.IsRight(index)
        ? $"✓ right ({Percent(student.Confidence[index])})"
        : $"✗ wrong: {student.Images.ClassNames[student.Classes[index]]} ({Percent(student.Confidence[index])})";

    private static string Text(string head, (string? Head, List<int> Images)[] groups, Predictions[] students) =>
        string.Join('\n', groups.SelectMany(group => group.Images).Select(index =>
            $"image {index}, {Truth(index, students[0])}: "
            + string.Join("; ", students.Select(student => $"{student.Run} {Guess(index, student)}"))).Prepend(head));

    private static string Percent(float share) =>
        share.ToString("P0", CultureInfo.InvariantCulture).Replace(' ', '\u00a0'); // not over two lines

    private static string Truth(int index, Predictions student) =>
        student.Images.ClassNames[student.Images.Labels.Span[index]];

    private static GridImage Picture(int index, Predictions student) =>
        ImageGrid.OfSet(student.Images.Slice(index, 1), 1).Images[0];
}
