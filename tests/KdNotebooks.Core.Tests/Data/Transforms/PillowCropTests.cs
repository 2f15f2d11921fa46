using System.Text.Json;
using KdNotebooks.Data;
using KdNotebooks.Data.Formats;

namespace KdNotebooks.Tests.Data;

/// <summary>Crops against torchvision's on Pillow images; tests/golden/make_crops.py wrote them.</summary>
public sealed class PillowCropTests : IDisposable
{
    private static readonly List<JsonElement> Made =
    [
        .. JsonDocument.Parse(File.ReadAllText(
            Path.Combine(AppContext.BaseDirectory, "Data", "Transforms", "golden", "crops.json"))).RootElement.EnumerateArray(),
    ];

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Names => [.. Made.Select(one => one.GetProperty("name").GetString()!)];

    public void Dispose() => folder.Dispose();

    // Rows that are passed over and rows that are not unpacked change nothing, either.
    [Theory]
    [MemberData(nameof(Names))]
    public void A_crop_that_is_resized_is_torchvisions_to_the_bit(string name)
    {
        var (picture, one) = Open(name);
        foreach (var golden in one.GetProperty("crops").EnumerateArray())
        {
            int Number(string field) => golden.GetProperty(field).GetInt32();
            var crop = new PixelRect(Number("left"), Number("top"), Number("width"), Number("height"));
            var size = new ImageSize(Number("size"), Number("size"));
            using var part = picture.Unpack(crop);
            foreach (var (field, mirrored) in new[] { ("rgb", false), ("mirrored", true) })
            {
                var planes = new byte[3 * size.Pixels];
                Antialias.Resize(part, crop, size, PixelRect.Of(size), mirrored, planes, 3);
                Assert.Equal(golden.GetProperty(field).GetBytesFromBase64(), planes);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_middle_that_networks_are_measured_on_is_torchvisions_to_the_bit(string name)
    {
        var (picture, one) = Open(name);
        foreach (var golden in one.GetProperty("middles").EnumerateArray())
        {
            var crop = new MiddleCrop(golden.GetProperty("side").GetInt32(), golden.GetProperty("crop").GetInt32());
            var sample = crop.Apply(new PictureSample(name, picture, new KdNotebooks.Tasks.Classification.ClassIndex(0)));
            Assert.Equal(golden.GetProperty("rgb").GetBytesFromBase64(), sample.Pixels.ToArray());
        }
    }

    // Of a JPEG that is to become much smaller: two pixels or more are left for one of the result.
    [Theory]
    [InlineData(2, 41, 33)]
    [InlineData(4, 85, 66)]
    [InlineData(8, 131, 129)]
    public void A_crop_of_a_picture_that_was_unpacked_smaller_is_near_to_that_of_the_whole(int reduction, int width, int height)
    {
        var path = folder.Write("large.jpg", Smooth(width + 30, height + 23));
        var (picture, size) = (Picture.Open(path), new ImageSize(8, 8));
        var crop = new PixelRect(17, 9, width, height);
        Assert.Equal(reduction, picture.Reduction(crop, size));
        var (whole, smaller) = (new byte[192], new byte[192]);
        using (var part = picture.Unpack(crop))
        {
            Antialias.Resize(part, crop, size, PixelRect.Of(size), mirrored: false, whole, 3);
        }

        using (var part = picture.Unpack(crop, reduction))
        {
            Assert.Equal((picture.Size.Width + reduction - 1) / reduction, part.Whole.Width);
            Antialias.Resize(part, crop, size, PixelRect.Of(size), mirrored: false, smaller, 3);
        }

        var off = whole.Zip(smaller, (a, b) => Math.Abs(a - b)).ToList();
        // Steep waves: from one pixel of the result to the next up to a hundred.
        Assert.True(off.Average() < 4 && off.Max() <= 20, $"{off.Average()} on average, {off.Max()} at most");
        Assert.True(whole.Max() - whole.Min() > 100);
    }

    private static byte[] Smooth(int width, int height)
    {
        using var bitmap = new SkiaSharp.SKBitmap(width, height);
        for (var i = 0; i < width * height; i++)
        {
            var (x, y) = (i % width, i / width);
            bitmap.SetPixel(x, y, new SkiaSharp.SKColor(
                (byte)(127 + (110 * Math.Sin(x / 9.0))), (byte)(127 + (110 * Math.Cos((x + y) / 14.0))), (byte)(127 + (110 * Math.Sin(y / 11.0)))));
        }

        using var data = bitmap.Encode(SkiaSharp.SKEncodedImageFormat.Jpeg, 95);
        return data.ToArray();
    }

    private (Picture Picture, JsonElement Golden) Open(string name)
    {
        var one = Made.Single(one => one.GetProperty("name").GetString() == name);
        return (Picture.Open(folder.Write("x", one.GetProperty("file").GetBytesFromBase64())), one);
    }
}
