using KdNotebooks.Data.Formats;
using SkiaSharp;

namespace KdNotebooks.Tests.Data.Formats;

/// <summary>Our reader beside a decoder that shares no code with it.</summary>
public sealed class PngAgainstSkiaTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(PngGolden.Names), MemberType = typeof(PngGolden))]
    public void Every_kind_has_the_colors_that_Skia_reads(string name)
    {
        var file = PngGolden.Of(name).File;
        Assert.Equal(Skia(file), PngReader.Read(folder.Write("a.png", file)).ToColor());
    }

    // Where Skia refuses all of them, it can read images in the place of our own reader.
    [Fact]
    public void Skia_lets_pass_what_the_standard_forbids() => Assert.Equal(
        [
            "a palette of 257 colors", "a palette of five colors for two bits", "a palette of gray", "a row too many",
            "an end that holds bytes", "an unknown critical part", "an unknown critical part behind the pixels",
            "bytes behind the zlib stream", "no end",
        ],
        Forbidden.Names.Select(name => name.Data).Where(name => Skia(Forbidden.Of(name).File) is not null)
            .Order(StringComparer.Ordinal));

    // Not multiplied by alpha, no color management; null where Skia refuses.
    private static byte[]? Skia(byte[] file)
    {
        using var codec = SKCodec.Create(new MemoryStream(file));
        if (codec is null)
        {
            return null;
        }

        var info = new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul, null);
        using var bitmap = new SKBitmap(info);
        if (codec.GetPixels(info, bitmap.GetPixels()) != SKCodecResult.Success)
        {
            return null;
        }

        var pixels = bitmap.Bytes;
        return [.. Enumerable.Range(0, 3).SelectMany(c => pixels.Where((_, i) => i % 4 == c))];
    }
}
