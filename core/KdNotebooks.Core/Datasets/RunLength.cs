namespace KdNotebooks.Datasets;

/// <summary>
/// A mask as COCO's uncompressed run lengths: down the columns, from the left; first how many zeros, then how many
/// ones, and so on. Exact, unlike polygons, and right for a mask of several parts.
/// </summary>
internal static class RunLength
{
    /// <param name="mask">[H, W], 0 or 1.</param>
    public static IReadOnlyList<int> Of(ReadOnlySpan<byte> mask, int height, int width)
    {
        var runs = new List<int>();
        var (length, current) = (0, (byte)0);
        for (var i = 0; i < mask.Length; i++)
        {
            var pixel = mask[(i % height * width) + (i / height)];
            if (pixel != current)
            {
                runs.Add(length);
                (length, current) = (0, pixel);
            }

            length++;
        }

        runs.Add(length);
        return runs;
    }

    /// <summary>The mask of such run lengths; null where these do not add up to the size.</summary>
    /// <returns>[H, W], 0 or 1.</returns>
    public static byte[]? Mask(IReadOnlyList<int> runs, int height, int width)
    {
        if (runs.Any(run => run < 0) || runs.Sum(run => (long)run) != (long)height * width)
        {
            return null;
        }

        var mask = new byte[height * width];
        var at = 0;
        for (var i = 0; i < runs.Count; i++)
        {
            for (var end = at + runs[i]; at < end; at++)
            {
                mask[(at % height * width) + (at / height)] = (byte)(i % 2);
            }
        }

        return mask;
    }
}
