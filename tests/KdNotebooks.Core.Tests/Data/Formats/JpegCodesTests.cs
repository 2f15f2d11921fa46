using KdNotebooks.Data;
using KdNotebooks.Data.Formats;

namespace KdNotebooks.Tests.Data.Formats;

public sealed class JpegCodesTests
{
    private static readonly string[] Sequential =
        ["4:2:0", "4:4:4", "4:2:2", "4:1:1", "4:4:0", "quality 5", "optimized", "RGB, not YCC", "restarts", "gray", "CMYK", "1x1"];

    [Theory]
    [MemberData(nameof(JpegGolden.Names), MemberType = typeof(JpegGolden))]
    public void A_sound_file_has_as_many_codes_as_its_size_says(string name) =>
        JpegCodes.Require(JpegGolden.Of(name).File, "a.jpg", whole: true);

    // Skia and Pillow read every one of these, and say nothing.
    [Theory]
    [InlineData(0)]
    [InlineData(0x5A)]
    [InlineData(-1)]
    public void Most_bytes_that_were_overwritten_are_found(int with)
    {
        var (random, tried, found) = (new Random(3), 0, 0);
        foreach (var file in Sequential[..11].Select(name => JpegGolden.Of(name).File))
        {
            var start = file.AsSpan().IndexOf([(byte)0xFF, (byte)0xDA]) + 20;
            for (var place = start; place + 20 < file.Length; place += 37)
            {
                var damaged = (byte[])file.Clone();
                for (var i = 0; i < 16; i++)
                {
                    damaged[place + i] = (byte)(with >= 0 ? with : random.Next(255));
                }

                tried++;
                try
                {
                    _ = JpegParts.Of(damaged, "a.jpg");
                    JpegCodes.Require(damaged, "a.jpg", whole: true);
                }
                catch (DataFileException problem)
                {
                    Assert.Contains("a.jpg: ", problem.Message);
                    found++;
                }
            }
        }

        Assert.True(found >= 0.75 * tried, $"{found} of {tried}");
        Assert.True(tried > 90);
    }

    [Theory]
    [InlineData("restarts")]
    [InlineData("gray")]
    public void Pixels_that_were_cut_out_are_found(string name)
    {
        var file = JpegGolden.Of(name).File;
        var start = file.AsSpan().IndexOf([(byte)0xFF, (byte)0xDA]) + 20;
        byte[] damaged = [.. file[..(start + 40)], .. file[(start + 90)..]];
        Assert.Contains("damaged", Assert.Throws<DataFileException>(() =>
        {
            _ = JpegParts.Of(damaged, "a.jpg");
            JpegCodes.Require(damaged, "a.jpg", whole: false);
        }).Message);
    }

    [Fact]
    public void An_end_that_comes_too_early_is_found_and_bytes_too_many_are_where_that_is_asked_for()
    {
        var file = JpegGolden.Of("4:4:4").File;
        byte[] early = [.. file[..^60], 0xFF, 0xD9];
        Assert.Contains("end too early", Assert.Throws<DataFileException>(
            () => JpegCodes.Require(early, "a.jpg", whole: false)).Message);
        byte[] more = [.. file[..^2], 0x12, 0x34, 0x56, 0xFF, 0xD9];
        JpegCodes.Require(more, "a.jpg", whole: false);
        Assert.Contains("3 bytes or more too long", Assert.Throws<DataFileException>(
            () => JpegCodes.Require(more, "a.jpg", whole: true)).Message);
        byte[] padded = [.. file[..^2], 0, 0, 0xFF, 0xD9];
        JpegCodes.Require(padded, "a.jpg", whole: true);
    }
}
