using System.Text.Json;
using KdNotebooks.Data;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;

namespace KdNotebooks.Tests.Data;

/// <summary>Operations against torchvision's on Pillow images; tests/golden/make_augment.py wrote them.</summary>
public sealed class PillowImageTests
{
    private static readonly List<JsonElement> Made =
    [
        .. JsonDocument.Parse(File.ReadAllText(
            Path.Combine(AppContext.BaseDirectory, "Data", "Transforms", "golden", "augment.json"))).RootElement.EnumerateArray(),
    ];

    public static TheoryData<string> Operations => [.. Enum.GetNames<RandAugment.Operation>()];

    // Rounding in float32 may fall to the other side: one grey level, in few pixels.
    [Theory]
    [MemberData(nameof(Operations))]
    public void An_operation_of_RandAugment_is_torchvisions(string name)
    {
        var count = 0;
        foreach (var image in Made)
        {
            foreach (var golden in image.GetProperty("operations").EnumerateArray().Where(one =>
                string.Equals(one.GetProperty("operation").GetString(), name, StringComparison.OrdinalIgnoreCase)))
            {
                var pixels = image.GetProperty("image").GetBytesFromBase64();
                RandAugment.Apply(
                    pixels, Channels(image), Size(image), Enum.Parse<RandAugment.Operation>(name), golden.GetProperty("magnitude").GetInt32(),
                    golden.GetProperty("negative").GetBoolean());
                Near(golden, pixels);
                count++;
            }
        }

        Assert.True(count >= 4);
    }

    [Theory]
    [InlineData("brightness")]
    [InlineData("contrast")]
    [InlineData("saturation")]
    [InlineData("hue")]
    public void A_change_of_color_is_torchvisions(string kind)
    {
        foreach (var image in Made)
        {
            foreach (var golden in image.GetProperty("jitter").EnumerateArray().Where(one => one.GetProperty("kind").GetString() == kind))
            {
                var pixels = image.GetProperty("image").GetBytesFromBase64();
                var changed = new PillowImage(pixels, Channels(image), Size(image));
                var by = golden.GetProperty("by").GetDouble();
                switch (kind)
                {
                    case "brightness": changed.Brightness((float)by); break;
                    case "contrast": changed.Contrast((float)by); break;
                    case "saturation": changed.Saturation((float)by); break;
                    default: changed.Hue(by); break;
                }

                Near(golden, pixels);
            }
        }
    }

    [Fact]
    public void Views_are_functions_of_seed_view_and_sample()
    {
        var image = Made[0];
        var sample = new Sample("x", 3, Size(image), image.GetProperty("image").GetBytesFromBase64(), new ClassIndex(1));
        foreach (var augmentation in new IAugmentation[] { new ColorJitter(0.4, 0.4, 0.4, 0.1), new RandAugment(), new RandAugment(3, 30) })
        {
            string Print(int view, int index) => Convert.ToHexString(augmentation.Apply(sample, new Draw(3, view, index)).Pixels.Span);
            Assert.Equal(Print(1, 2), Print(1, 2));
            Assert.True(Enumerable.Range(0, 30).Select(i => Print(i / 5, i % 5)).Distinct().Count() > 20);
            Assert.Equal(Made[0].GetProperty("image").GetBytesFromBase64(), sample.Pixels.ToArray());
        }

        Assert.Same(sample, new ColorJitter().IsNone ? sample : null);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<KdException>(() => new ColorJitter(Hue: 0.6).RequireSound());
        Assert.Throws<KdException>(() => new ColorJitter(Brightness: -1).RequireSound());
        Assert.Throws<KdException>(() => new RandAugment(2, 31).RequireSound());
        Assert.Throws<KdException>(() => new RandomResizedCrop(0).RequireSound());
        Assert.Throws<KdException>(() => new RandomResizedCrop(8, MinScale: 0).RequireSound());
        Assert.Throws<KdException>(() => new RandomResizedCrop(8, MinRatio: 2, MaxRatio: 1).RequireSound());
        Assert.Throws<KdException>(() => new BatchMix(-1).RequireSound());
    }

    private static int Channels(JsonElement image) => image.GetProperty("channels").GetInt32();

    private static ImageSize Size(JsonElement image) => new(image.GetProperty("height").GetInt32(), image.GetProperty("width").GetInt32());

    private static void Near(JsonElement golden, byte[] pixels)
    {
        var expected = golden.GetProperty("pixels").GetBytesFromBase64();
        var off = expected.Zip(pixels, (a, b) => Math.Abs(a - b)).ToList();
        Assert.True(off.Max() <= 1 && off.Average() < 0.01, $"{golden}: {off.Max()} at most, {off.Average()} on average");
    }
}
