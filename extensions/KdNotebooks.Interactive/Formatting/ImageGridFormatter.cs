using System.Text;
using KdNotebooks.Tasks;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>Pictures with their labels as HTML; all of them in one picture for hosts that show only that.</summary>
internal static class ImageGridFormatter
{
    private const int MostImages = 256;

    public static MimeBundle Format(ImageGrid grid)
    {
        var images = grid.Images.Take(MostImages).ToList();
        var text = Text(grid, images.Count);
        if (images.Count == 0)
        {
            return MimeBundle.OfText(text);
        }

        return MimeBundle.OfHtml(Figure(grid, images), text)
            .With(MimeBundle.Png, Convert.ToBase64String(Pictures.Sheet(images, Columns(grid), grid.Scale)));
    }

    private static int Columns(ImageGrid grid) => Math.Max(1, grid.Columns);

    private static string Text(ImageGrid grid, int shown)
    {
        var size = shown == 0 ? "" : $" of {grid.Images[0].Width} x {grid.Images[0].Height} pixels";
        var title = grid.Caption.Length == 0 ? "" : grid.Caption + "\n";
        var labels = grid.Images.Take(shown).Select(image => image.Label).Where(label => label.Length > 0);
        return $"{title}{grid.Images.Count} images{size}{LeftOut(grid)}\n{string.Join(", ", labels)}".TrimEnd();
    }

    private static string LeftOut(ImageGrid grid) =>
        grid.Images.Count > MostImages ? $"; {grid.Images.Count - MostImages} are not shown" : "";

    private static string Figure(ImageGrid grid, List<GridImage> images)
    {
        var cell = images.Max(image => image.Width * Pictures.ScaleOf(image, grid.Scale));
        var columns = Columns(grid);
        var html = new StringBuilder(HtmlStyle.Element).Append("<figure class=\"kd-images\" style=\"margin:.6em 0\">");
        html.Append($"<div class=\"kd-grid\" style=\"max-width:{columns * (cell + 12) + (columns - 1) * 10}px\">");
        html.AppendJoin("", images.Select(image => Picture(image, grid.Scale, cell)));
        var caption = (grid.Caption + LeftOut(grid)).TrimStart(';', ' ');
        var below = caption.Length == 0 ? "" : HtmlText.Of($"<figcaption class=\"kd-note\">{caption}</figcaption>");
        return html.Append("</div>").Append(below).Append("</figure>").ToString();
    }

    private static string Picture(GridImage image, int scale, int cell)
    {
        var png = Convert.ToBase64String(Pictures.Encode(image, scale));
        var times = Pictures.ScaleOf(image, scale);
        var (width, height) = (image.Width * times, image.Height * times);
        return $"<figure style=\"width:{cell + 12}px\"><img src=\"data:image/png;base64,{png}\" "
            + HtmlText.Of($"width=\"{width}\" height=\"{height}\" alt=\"{image.Label}\">")
            + HtmlText.Of($"<figcaption>{image.Label}</figcaption></figure>");
    }
}
