using KdNotebooks.Masks;

namespace KdNotebooks.Datasets;

/// <summary>A class in COCO's files.</summary>
/// <param name="Id">As in the file; ids may have gaps.</param>
public sealed record CocoCategory(long Id, string Name, string Supercategory = "");

/// <summary>An image in COCO's files.</summary>
/// <param name="Id">As in the file.</param>
/// <param name="FileName">Relative to the folder of images.</param>
/// <param name="Height">In pixels.</param>
/// <param name="Width">In pixels.</param>
public sealed record CocoImage(long Id, string FileName, int Height, int Width);

/// <summary>An object, or a crowd of them, as COCO's files say it.</summary>
/// <param name="Id">As in the file.</param>
/// <param name="Image">Index into the images.</param>
/// <param name="Class">Index into the categories, which are in the order of their ids.</param>
/// <param name="Box">As in the file: it may leave the image, or be empty.</param>
/// <param name="Area">As in the file, in pixels.</param>
/// <param name="Crowd">A region of many objects.</param>
/// <param name="Shape">Its mask; null where the file has none.</param>
public sealed record CocoAnnotation(
    long Id, int Image, int Class, ImageBox Box, double Area, bool Crowd = false, MaskShape? Shape = null);

/// <summary>Annotations whose box has no pixel of the image, so that nothing is trained on them.</summary>
/// <param name="Count">How many.</param>
/// <param name="FirstIds">The first ten of them.</param>
public sealed record DegenerateBoxes(int Count, IReadOnlyList<long> FirstIds)
{
    /// <summary>"2 boxes without a pixel of the image are left out: annotations 17, 4".</summary>
    public override string ToString() => Count == 0
        ? "no box is without a pixel of its image"
        : $"{Count} boxes without a pixel of their image are left out of training: annotations "
            + string.Join(", ", FirstIds) + (Count > FirstIds.Count ? ", ..." : "");
}
