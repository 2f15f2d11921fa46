namespace KdNotebooks.Data.Formats;

/// <summary>What a PNG file holds, sample for sample as it is stored.</summary>
/// <param name="Path">For errors.</param>
/// <param name="Samples">
/// [H, W, samples of a pixel]: one byte each, not stretched where it has fewer bits; two, the higher first, of 16 bits.
/// </param>
/// <param name="Palette">Red, green, blue of color 0, of color 1, and so on; empty where there is none.</param>
internal sealed record PngImage(string Path, PngHeader Header, byte[] Samples, byte[] Palette)
{
    /// <summary>In pixels.</summary>
    public int Height => Header.Height;

    /// <summary>In pixels.</summary>
    public int Width => Header.Width;

    /// <summary>Whether a pixel is one number, beside its alpha: gray, or an index into a palette.</summary>
    public bool IsPlain => Header.Color is not (PngColor.Rgb or PngColor.Rgba);

    private int SampleBytes => Header.Bits == 16 ? 2 : 1;

    /// <summary>
    /// [3, H, W], red, green, blue as a viewer shows them without color management and on no ground: an index gives its
    /// palette's color, gray gives three equal channels, fewer than 8 bits are stretched to 0..255, of 16 bits the
    /// higher byte is taken, and alpha, tRNS, gAMA, iCCP and sBIT are left out. So do Pillow's <c>convert("RGB")</c>
    /// and torchvision's <c>ImageReadMode.RGB</c>.
    /// </summary>
    /// <exception cref="DataFileException">A pixel has an index beyond the palette.</exception>
    public byte[] ToColor()
    {
        var size = Height * Width;
        var planes = new byte[3 * size];
        var (step, sample) = (Header.Channels * SampleBytes, SampleBytes);
        if (Header.Color == PngColor.Palette)
        {
            Look(planes);
        }
        else if (IsPlain)
        {
            var stretch = Header.Bits < 8 ? 255 / ((1 << Header.Bits) - 1) : 1;
            for (var i = 0; i < size; i++)
            {
                planes[i] = planes[size + i] = planes[(2 * size) + i] = (byte)(Samples[i * step] * stretch);
            }
        }
        else
        {
            for (var i = 0; i < size; i++)
            {
                planes[i] = Samples[i * step];
                planes[size + i] = Samples[(i * step) + sample];
                planes[(2 * size) + i] = Samples[(i * step) + (2 * sample)];
            }
        }

        return planes;
    }

    /// <summary>
    /// [H, W], the numbers of a picture that <see cref="IsPlain"/> as they are stored: a palette's indices, gray of any
    /// number of bits; alpha is left out.
    /// </summary>
    /// <exception cref="DataFileException">A number of 16 bits is above 255.</exception>
    public byte[] ToLabels()
    {
        var labels = new byte[Height * Width];
        var (step, low) = (Header.Channels * SampleBytes, SampleBytes - 1);
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = Samples[(i * step) + low];
            if (low > 0 && Samples[i * step] > 0)
            {
                throw new DataFileException(
                    Path,
                    $"has label {(Samples[i * step] << 8) | labels[i]} at row {i / Width}, column {i % Width}",
                    "Expected label ids of at most 255.");
            }
        }

        return labels;
    }

    private void Look(byte[] planes)
    {
        var size = Height * Width;
        for (var i = 0; i < size; i++)
        {
            var at = 3 * Samples[i];
            if (at >= Palette.Length)
            {
                throw PngReader.Broken(
                    Path,
                    $"is damaged: the pixel at row {i / Width}, column {i % Width} has color {Samples[i]} of a palette "
                    + $"of {Palette.Length / 3}");
            }

            (planes[i], planes[size + i], planes[(2 * size) + i]) = (Palette[at], Palette[at + 1], Palette[at + 2]);
        }
    }
}
