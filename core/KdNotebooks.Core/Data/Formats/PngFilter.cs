namespace KdNotebooks.Data.Formats;

/// <summary>The five ways in which a PNG says a row by its neighbours. ISO/IEC 15948, section 9.</summary>
internal static class PngFilter
{
    /// <param name="kind">0 none, 1 left, 2 above, 3 mean of both, 4 Paeth's choice among three.</param>
    /// <param name="line">One row; its pixels afterwards.</param>
    /// <param name="above">The pixels of the row above, zeros for the first.</param>
    /// <param name="step">From one pixel to the next, in bytes.</param>
    public static void Undo(byte kind, Span<byte> line, ReadOnlySpan<byte> above, int step, string path)
    {
        if (kind > 4)
        {
            throw PngReader.Broken(path, $"is damaged: a row has filter {kind}");
        }

        for (var i = 0; kind != 0 && i < line.Length; i++)
        {
            var (left, corner) = i < step ? (0, 0) : (line[i - step], above[i - step]);
            line[i] += (byte)Expected(kind, left, above[i], corner);
        }
    }

    /// <summary>What <see cref="Undo"/> undoes, for kind 4.</summary>
    public static void Paeth(ReadOnlySpan<byte> line, ReadOnlySpan<byte> above, int step, Span<byte> target)
    {
        for (var i = 0; i < line.Length; i++)
        {
            var (left, corner) = i < step ? (0, 0) : (line[i - step], above[i - step]);
            target[i] = (byte)(line[i] - Expected(4, left, above[i], corner));
        }
    }

    private static int Expected(byte kind, int left, int above, int corner) => kind switch
    {
        1 => left,
        2 => above,
        3 => (left + above) / 2,
        _ => Nearest(left, above, corner),
    };

    private static int Nearest(int left, int above, int corner)
    {
        var guess = left + above - corner;
        var (a, b, c) = (Math.Abs(guess - left), Math.Abs(guess - above), Math.Abs(guess - corner));
        return a <= b && a <= c ? left : b <= c ? above : corner;
    }
}
