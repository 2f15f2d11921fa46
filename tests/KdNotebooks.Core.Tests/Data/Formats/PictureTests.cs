using KdNotebooks.Data;
using KdNotebooks.Data.Formats;

namespace KdNotebooks.Tests.Data.Formats;

public sealed class PictureTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Jpegs => JpegGolden.Names;

    public void Dispose() => folder.Dispose();

    // Rows that are passed over, and rows that are not unpacked, leave the others as Pillow reads them.
    [Theory]
    [MemberData(nameof(Jpegs))]
    public void A_part_of_a_JPEG_is_that_part_of_the_whole(string name)
    {
        var golden = JpegGolden.Of(name);
        var picture = Picture.Open(folder.Write("x.jpg", golden.File));
        Assert.Equal(new ImageSize(golden.Height, golden.Width), picture.Size);
        for (var top = 0; top < golden.Height; top++)
        {
            for (var height = 1; height <= golden.Height - top; height += 3)
            {
                using var part = picture.Unpack(new PixelRect(0, top, golden.Width, height));
                Assert.True(part.At.Top <= top && part.At.Bottom >= top + height);
                for (var y = top; y < top + height; y++)
                {
                    for (var x = 0; x < golden.Width; x++)
                    {
                        for (var channel = 0; channel < 3; channel++)
                        {
                            Assert.Equal(
                                golden.Planes[(((channel * golden.Height) + y) * golden.Width) + x],
                                part.Pixels[(4 * (((y - part.At.Top) * part.At.Width) + x)) + channel]);
                        }
                    }
                }
            }
        }
    }

    [Fact]
    public void A_format_is_known_by_the_bytes_and_not_by_the_name()
    {
        var golden = JpegGolden.Of("4:2:0");
        Assert.Equal(new ImageSize(golden.Height, golden.Width), Picture.Open(folder.Write("x.png", golden.File)).Size);
        Assert.Throws<DataFileException>(() => Picture.Open(folder.Write("y.jpg", [])));
        Assert.Throws<DataFileException>(() => Picture.Open(folder.Write("z.jpg", "GIF89a, or so"u8.ToArray())));
    }
}
