namespace KdNotebooks.Data.Formats;

/// <summary>What a PNG file holds, byte for byte: no color management, no alpha multiplied in.</summary>
/// <param name="Height">In pixels.</param>
/// <param name="Width">In pixels.</param>
/// <param name="Channels">
/// 1 for gray, and for a palette, whose pixels are the palette's indices; 3 for color. An alpha channel is left out.
/// </param>
/// <param name="Pixels">
/// [H, W, C], 0 to 255; gray and indices of fewer than 8 bits are as stored, not stretched.
/// </param>
internal sealed record PngImage(int Height, int Width, int Channels, byte[] Pixels)
{
    /// <summary>[C, H, W]; a gray image gives three equal channels.</summary>
    public byte[] ToColor()
    {
        var size = Height * Width;
        var planes = new byte[3 * size];
        for (var i = 0; i < size; i++)
        {
            for (var c = 0; c < 3; c++)
            {
                planes[(c * size) + i] = Pixels[(i * Channels) + (Channels == 3 ? c : 0)];
            }
        }

        return planes;
    }
}
