using KdNotebooks.Data;
using KdNotebooks.Data.Formats;

namespace KdNotebooks.Tests.Data.Formats;

public sealed class PngReaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Gray_is_read_as_stored_whatever_the_file_says_of_gamma()
    {
        byte[] pixels = [0, 1, 2, 128, 254, 255];
        var image = Read(PngSamples.Gray(pixels, 3));
        Assert.Equal((2, 3, 1), (image.Height, image.Width, image.Channels));
        Assert.Equal(pixels, image.Pixels);
        Assert.Equal([.. pixels, .. pixels, .. pixels], image.ToColor());
    }

    [Theory]
    [InlineData(8, new byte[] { 0, 200, 255, 3 }, new byte[] { 0, 200, 255, 3 })]
    [InlineData(4, new byte[] { 0x0F, 0x3A }, new byte[] { 0, 15, 3, 10 })]
    [InlineData(2, new byte[] { 0b11_00_10_01 }, new byte[] { 3, 0, 2, 1 })]
    [InlineData(1, new byte[] { 0b1011_0000 }, new byte[] { 1, 0, 1, 1 })]
    public void A_palettes_pixels_are_its_indices(int bits, byte[] row, byte[] pixels)
    {
        var image = Read(PngSamples.Build(4, [row, row], bits, color: 3));
        Assert.Equal(1, image.Channels);
        Assert.Equal([.. pixels, .. pixels], image.Pixels);
    }

    [Theory]
    [InlineData(2, 3, 3)]
    [InlineData(6, 4, 3)]
    [InlineData(0, 1, 1)]
    [InlineData(4, 2, 1)]
    public void Every_filter_is_undone_and_alpha_left_out(int color, int stored, int kept)
    {
        byte[] Row(int y) =>
            [.. Enumerable.Range(0, 7 * stored).Select(i => (byte)((i * i * 29) + (y * y * 71) + (i * y)))];
        var rows = Enumerable.Range(0, 11).Select(Row).ToArray();
        var image = Read(PngSamples.Build(7, rows, 8, color, [4, 3, 2, 1, 0, 1, 2, 3, 4, 4, 3], stored));
        Assert.Equal((11, 7, kept), (image.Height, image.Width, image.Channels));
        Assert.Equal(rows.SelectMany(row => row.Chunk(stored).SelectMany(pixel => pixel[..kept])), image.Pixels);
    }

    [Fact]
    public void Color_comes_channel_by_channel() =>
        Assert.Equal([1, 4, 2, 5, 3, 6], Read(PngSamples.Build(2, [[1, 2, 3, 4, 5, 6]], 8, 2)).ToColor());

    [Fact]
    public void The_size_is_read_from_the_first_bytes()
    {
        var path = folder.Write("a.png", PngSamples.Even(1, 5, 9)[..40]);
        Assert.Equal((5, 9), PngReader.ReadSize(path));
    }

    [Theory]
    [InlineData(16, 0, 0, "color type 0 with 16 bits a channel")]
    [InlineData(8, 0, 1, "interlaced")]
    [InlineData(8, 5, 0, "color type 5")]
    public void Kinds_that_are_not_read_are_named(int bits, int color, int interlace, string message) =>
        Assert.Contains(message, Refused(PngSamples.Build(1, [[1, 1]], bits, color, interlace: interlace)));

    [Fact]
    public void Damage_is_named_wherever_it_is()
    {
        var sound = PngSamples.Even(7, 20, 20);
        Assert.Contains("is no PNG file", Refused([1, 2, 3]));
        Assert.Contains("is no PNG file", Refused([]));
        for (var length = 8; length < sound.Length; length++)
        {
            Assert.Contains("in the middle of a PNG", Refused(sound[..length]));
        }

        for (var at = 0; at < sound.Length; at++)
        {
            var broken = sound.ToArray();
            broken[at] ^= 0x10;
            Refused(broken);
        }
    }

    [Fact]
    public void A_missing_file_and_too_few_rows_are_named()
    {
        var missing = Assert.Throws<DataFileException>(() => PngReader.Read(folder.File("none.png")));
        Assert.Contains("none.png", missing.File);
        var (low, high) = (PngSamples.Even(7, 1, 4), PngSamples.Even(7, 9, 4));
        high.AsSpan(8, 25).CopyTo(low.AsSpan(8)); // the header of a higher one
        Assert.Contains("its pixels cannot be unpacked", Refused(low));
    }

    private PngImage Read(byte[] bytes) => PngReader.Read(folder.Write("a.png", bytes));

    private string Refused(byte[] bytes)
    {
        var error = Assert.Throws<DataFileException>(() => Read(bytes));
        Assert.Equal(folder.File("a.png"), error.File);
        return error.Message;
    }
}
