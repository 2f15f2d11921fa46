using System.IO.Compression;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;

namespace KdNotebooks.Tests.Data;

/// <summary>Small sets and files for the tests of this folder.</summary>
internal static class Samples
{
    public static readonly string[] Classes = ["a", "b", "c"];

    /// <summary>Labels go 0, 1, 2, 0, ...; pixels are drawn from the seed.</summary>
    public static ImageSet Images(int count, int channels = 1, int height = 4, int width = 5, ulong seed = 1)
    {
        var stream = RandomStream.Of(seed);
        var pixels = new byte[count * channels * height * width];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)stream.NextInt(256);
        }

        var labels = Enumerable.Range(0, count).Select(i => (byte)(i % Classes.Length)).ToArray();
        return new ImageSet("sample", channels, height, width, pixels, labels, Classes);
    }

    /// <summary>An IDX file: element type unsigned byte, the dimensions big-endian, the data.</summary>
    public static byte[] Idx(ReadOnlySpan<byte> data, params int[] dimensions) =>
    [
        0, 0, 8, (byte)dimensions.Length,
        .. dimensions.SelectMany(
            size => new[] { (byte)(size >> 24), (byte)(size >> 16), (byte)(size >> 8), (byte)size }),
        .. data,
    ];

    public static byte[] Gzip(byte[] content)
    {
        var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return output.ToArray();
    }
}
