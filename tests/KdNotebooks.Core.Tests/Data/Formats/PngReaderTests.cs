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
        Assert.Equal((2, 3, true), (image.Height, image.Width, image.IsPlain));
        Assert.Equal(pixels, image.ToLabels());
        Assert.Equal([.. pixels, .. pixels, .. pixels], image.ToColor());
    }

    [Theory]
    [InlineData(8, new byte[] { 0, 200, 255, 3 }, new byte[] { 0, 200, 255, 3 })]
    [InlineData(4, new byte[] { 0x0F, 0x3A }, new byte[] { 0, 15, 3, 10 })]
    [InlineData(2, new byte[] { 0b11_00_10_01 }, new byte[] { 3, 0, 2, 1 })]
    [InlineData(1, new byte[] { 0b1011_0000 }, new byte[] { 1, 0, 1, 1 })]
    public void A_palettes_pixels_are_its_colors_in_an_image_and_its_indices_in_a_label_map(int bits, byte[] row, byte[] pixels)
    {
        var image = Read(PngSamples.Build(4, [row, row], bits, color: 3));
        Assert.Equal([.. pixels, .. pixels], image.ToLabels());
        Assert.Equal(
            Enumerable.Range(0, 3).SelectMany(c => pixels.Concat(pixels).Select(i => (byte)(((3 * i) + c) * 37))),
            image.ToColor());
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(6, 4)]
    [InlineData(0, 1)]
    [InlineData(4, 2)]
    public void Every_filter_is_undone_and_alpha_left_out(int color, int stored)
    {
        byte[] Row(int y) =>
            [.. Enumerable.Range(0, 7 * stored).Select(i => (byte)((i * i * 29) + (y * y * 71) + (i * y)))];
        var rows = Enumerable.Range(0, 11).Select(Row).ToArray();
        var image = Read(PngSamples.Build(7, rows, 8, color, [4, 3, 2, 1, 0, 1, 2, 3, 4, 4, 3], stored));
        Assert.Equal((11, 7), (image.Height, image.Width));
        Assert.Equal(
            Enumerable.Range(0, 3).SelectMany(c => rows.SelectMany(
                row => row.Chunk(stored).Select(pixel => pixel[stored > 2 ? c : 0]))),
            image.ToColor());
    }

    [Theory]
    [MemberData(nameof(PngGolden.Names), MemberType = typeof(PngGolden))]
    public void Every_kind_has_the_colors_that_Pillow_reads(string name)
    {
        var golden = PngGolden.Of(name);
        var image = Read(golden.File);
        Assert.Equal((golden.Height, golden.Width), (image.Height, image.Width));
        Assert.Equal(golden.Planes, image.ToColor());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Gray_of_few_bits_is_stretched_in_an_image_and_as_stored_in_a_label_map(int bits)
    {
        var most = (1 << bits) - 1;
        var image = Read(PngSamples.Build(2, [[(byte)(most << (8 - (2 * bits)))]], bits, 0));
        Assert.Equal([0, (byte)most], image.ToLabels());
        Assert.Equal([0, 255, 0, 255, 0, 255], image.ToColor());
    }

    [Fact]
    public void Sixteen_bits_are_whole_in_a_label_map_and_the_higher_byte_in_an_image()
    {
        var image = Read(PngSamples.Build(2, [[0, 3, 0, 255]], 16, 0));
        Assert.Equal([3, 255], image.ToLabels());
        Assert.Equal(new byte[6], image.ToColor());
        var large = Read(PngSamples.Build(2, [[0, 3, 1, 44]], 16, 0));
        Assert.Contains("has label 300 at row 0, column 1", Assert.Throws<DataFileException>(large.ToLabels).Message);
        Assert.Equal([0, 1, 0, 1, 0, 1], large.ToColor());
    }

    [Fact]
    public void An_index_beyond_the_palette_is_refused_in_an_image_and_kept_in_a_label_map()
    {
        var image = Read(PngSamples.Of(
            ("IHDR", PngSamples.Header(3, 1, 8, 3)), ("PLTE", [1, 2, 3, 4, 5, 6]),
            ("IDAT", PngSamples.Zlib([0, 1, 0, 2])), ("IEND", [])));
        Assert.Equal([1, 0, 2], image.ToLabels());
        Assert.Contains(
            "row 0, column 2 has color 2 of a palette of 2", Assert.Throws<DataFileException>(image.ToColor).Message);
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
    [InlineData(3, 0, 0, "color type 0 with 3 bits")]
    [InlineData(32, 0, 0, "color type 0 with 32 bits")]
    [InlineData(16, 3, 0, "color type 3 with 16 bits")]
    [InlineData(4, 2, 0, "color type 2 with 4 bits")]
    [InlineData(8, 0, 2, "interlace method 2")]
    [InlineData(8, 5, 0, "color type 5")]
    public void Kinds_that_the_standard_does_not_have_are_named(int bits, int color, int interlace, string message) =>
        Assert.Contains(message, Refused(PngSamples.Build(1, [[1, 1]], bits, color, interlace: interlace)));

    [Fact]
    public void Damage_is_named_wherever_it_is()
    {
        var sound = PngSamples.Even(7, 20, 20);
        Assert.Contains("is no PNG file", Refused([1, 2, 3]));
        Assert.Contains("is empty", Refused([]));
        Assert.Contains("a JPEG", Refused([0xFF, 0xD8, 0xFF, 0xE0, 0]));
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

    [Theory]
    [MemberData(nameof(Forbidden.Names), MemberType = typeof(Forbidden))]
    public void What_the_standard_forbids_is_refused(string what)
    {
        var (file, message) = Forbidden.Of(what);
        Assert.Contains(message, Refused(file));
    }

    [Fact]
    public void A_size_that_the_bytes_cannot_hold_is_refused_before_memory_is_taken_for_it()
    {
        var header = PngSamples.Header(0, 0, 8, 0);
        (header[2], header[6]) = (64, 64); // 16384 x 16384
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains(
            "16384x16384",
            Refused(PngSamples.Of(("IHDR", header), ("IDAT", PngSamples.Zlib(new byte[9])), ("IEND", []))));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    private PngImage Read(byte[] bytes) => PngReader.Read(folder.Write("a.png", bytes));

    private string Refused(byte[] bytes)
    {
        var error = Assert.Throws<DataFileException>(() => Read(bytes));
        Assert.Equal(folder.File("a.png"), error.File);
        return error.Message;
    }
}
