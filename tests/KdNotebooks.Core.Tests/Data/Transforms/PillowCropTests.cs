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
                Antialias.Resize(part, crop, picture.Size, size, PixelRect.Of(size), mirrored, planes, 3);
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

    private (Picture Picture, JsonElement Golden) Open(string name)
    {
        var one = Made.Single(one => one.GetProperty("name").GetString() == name);
        return (Picture.Open(folder.Write("x", one.GetProperty("file").GetBytesFromBase64())), one);
    }
}
