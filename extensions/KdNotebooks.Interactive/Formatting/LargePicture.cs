using KdNotebooks.Tasks;
namespace KdNotebooks.Interactive.Formatting;

/// <summary>A picture of an image in a page, enlarged by whole pixels where it is small.</summary>
internal static class LargePicture
{
    /// <summary>Pixels of the page that the longer side is enlarged to, or a little less: in a grid of many.</summary>
    public const int Small = 112;

    /// <summary>The same for a picture to be compared with those beside it.</summary>
    public const int Large = 192;

    public static string Html(GridImage image, int side, string alt)
    {
        var scale = Math.Max(1, side / Math.Max(image.Width, image.Height));
        var (width, height) = (image.Width * scale, image.Height * scale);
        // A narrow page shows it smaller, none larger.
        return $"<img src=\"{Pictures.PhotoUri(image)}\" width=\"{width}\" height=\"{height}\" "
            + $"style=\"max-width:{width}px\" " + HtmlText.Of($"alt=\"{alt}\">");
    }
}
