using KdNotebooks.Masks;

namespace KdNotebooks.Metrics;

/// <summary>An object that is in an image.</summary>
/// <param name="Class">Index of its class, from 0.</param>
/// <param name="Box">In pixels.</param>
/// <param name="Area">In pixels, as the annotation says; it decides whether an object is small, medium or
/// large.</param>
/// <param name="Crowd">
/// A region of many objects: it is not to be found, and what is found within it counts neither for nor against.
/// </param>
/// <param name="Mask">Of the whole image; needed where masks are measured.</param>
/// <param name="Ignored">
/// Not to be found, as a crowd, but one object: one detection may match it, by the usual IoU. COCO's files have no such
/// objects; the reference implementation overwrites a key "ignore" with "iscrowd".
/// </param>
public readonly record struct TrueObject(
    int Class, ImageBox Box, double Area, bool Crowd = false, RunLength? Mask = null, bool Ignored = false);

/// <summary>An object that was found in an image.</summary>
/// <param name="Class">Index of its class, from 0.</param>
/// <param name="Score">Finite; the higher, the surer.</param>
/// <param name="Box">In pixels.</param>
/// <param name="Mask">Of the whole image; needed where masks are measured.</param>
public readonly record struct FoundObject(int Class, double Score, ImageBox Box, RunLength? Mask = null);

/// <summary>What is compared with the truth.</summary>
public enum CocoRegion
{
    /// <summary>Boxes; the area of what was found is its width times its height.</summary>
    Box,

    /// <summary>Masks; the area of what was found is its pixels.</summary>
    Mask,
}
