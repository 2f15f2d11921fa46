namespace KdNotebooks.Data.Formats;

/// <summary>One reduced image of an interlaced PNG, or the whole of another; ISO/IEC 15948, section 8.</summary>
/// <param name="X">Column of its first pixel in the whole.</param>
/// <param name="Y">Row of its first pixel in the whole.</param>
/// <param name="StepX">From one of its columns to the next, in the whole.</param>
/// <param name="StepY">From one of its rows to the next, in the whole.</param>
/// <param name="Height">Its rows.</param>
/// <param name="Width">Its columns.</param>
internal readonly record struct PngPass(int X, int Y, int StepX, int StepY, int Height, int Width)
{
    // Adam7.
    private static readonly (int X, int Y, int StepX, int StepY)[] Seven =
    [
        (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
    ];

    /// <summary>Those that hold a pixel: a small image has none in some of the seven.</summary>
    public static IReadOnlyList<PngPass> Of(PngHeader header) => !header.Interlaced
        ? [new PngPass(0, 0, 1, 1, header.Height, header.Width)]
        : [.. Seven.Select(at => new PngPass(
                at.X, at.Y, at.StepX, at.StepY,
                Count(header.Height, at.Y, at.StepY), Count(header.Width, at.X, at.StepX)))
            .Where(pass => pass is { Height: > 0, Width: > 0 })];

    private static int Count(int size, int first, int step) => Math.Max(0, (size - first + step - 1) / step);
}
