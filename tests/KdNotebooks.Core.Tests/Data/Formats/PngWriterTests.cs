using KdNotebooks.Data.Formats;

namespace KdNotebooks.Tests.Data.Formats;

// Tests of the command line read its files by SkiaSharp, see DataCommandTests.
public sealed class PngWriterTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_written_is_read_back()
    {
        var planes = Enumerable.Range(0, 3 * 13 * 11).Select(i => (byte)(i * i * 7)).ToArray();
        PngWriter.WriteColor(folder.File("c.png"), planes, 13, 11);
        var color = PngReader.Read(folder.File("c.png"));
        Assert.Equal((13, 11, false), (color.Height, color.Width, color.IsPlain));
        Assert.Equal(planes, color.ToColor());

        PngWriter.WriteGray(folder.File("g.png"), planes.AsSpan(0, 143), 13, 11);
        var gray = PngReader.Read(folder.File("g.png"));
        Assert.Equal((13, 11, true), (gray.Height, gray.Width, gray.IsPlain));
        Assert.Equal(planes[..143], gray.ToLabels());
    }

    [Fact]
    public void A_label_map_packs_well()
    {
        PngWriter.WriteGray(folder.File("g.png"), new byte[256 * 256], 256, 256);
        Assert.True(new FileInfo(folder.File("g.png")).Length < 1500);
    }
}
