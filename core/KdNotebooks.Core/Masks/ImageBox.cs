using System.Text.Json.Serialization;

namespace KdNotebooks.Masks;

/// <summary>A rectangle in an image, in pixels, as COCO's files have it; edges lie between pixels, so that pixel (0, 0)
/// is the box 0, 0, 1, 1.</summary>
/// <param name="Left">From the image's left edge.</param>
/// <param name="Top">From the image's top edge.</param>
/// <param name="Width">To the right.</param>
/// <param name="Height">Downwards.</param>
public readonly record struct ImageBox(double Left, double Top, double Width, double Height)
{
    /// <summary>As networks have boxes: two corners.</summary>
    public static ImageBox OfCorners(double left, double top, double right, double bottom) =>
        new(left, top, right - left, bottom - top);

    [JsonIgnore]
    public double Right => Left + Width;

    [JsonIgnore]
    public double Bottom => Top + Height;

    /// <summary>Width times height, in pixels.</summary>
    [JsonIgnore]
    public double Area => Width * Height;

    /// <summary>Whether all four are numbers, and neither NaN nor infinite.</summary>
    [JsonIgnore]
    public bool IsFinite =>
        double.IsFinite(Left) && double.IsFinite(Top) && double.IsFinite(Width) && double.IsFinite(Height);

    /// <summary>
    /// Intersection over union, from 0 to 1; over this box's area alone where the truth is a crowd, as the reference
    /// implementation's <c>bbIou</c>. Boxes without width or height meet nothing.
    /// </summary>
    public double Iou(ImageBox truth, bool crowd = false)
    {
        var width = Math.Min(Width + Left, truth.Width + truth.Left) - Math.Max(Left, truth.Left);
        var height = Math.Min(Height + Top, truth.Height + truth.Top) - Math.Max(Top, truth.Top);
        if (width <= 0 || height <= 0)
        {
            return 0;
        }

        var both = width * height;
        return both / (crowd ? Area : Area + truth.Area - both);
    }
}
