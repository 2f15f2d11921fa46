using System.Text.Json;
using KdNotebooks.Masks;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Masks;

/// <summary>Polygons against pycocotools; see tests/golden.</summary>
public sealed class PolygonTests
{
    private static readonly JsonElement[] Cases =
    [
        .. JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Masks/golden/polygons.json")))
            .RootElement.GetProperty("cases").EnumerateArray(),
    ];

    [Fact]
    public void Polygons_have_the_pixels_of_the_reference()
    {
        foreach (var one in Cases)
        {
            var (h, w) = (one.GetProperty("height").GetInt32(), one.GetProperty("width").GetInt32());
            var polygons = one.GetProperty("polygons").EnumerateArray().Select(Numbers).ToArray();
            RunLength[] parts = [.. polygons.Select(polygon => RunLength.OfPolygon(polygon, h, w))];
            Assert.Equal(
                one.GetProperty("parts").EnumerateArray().Select(part => part.GetString()),
                parts.Select(part => part.ToText()));
            var union = RunLength.OfPolygons(polygons, h, w);
            Assert.Equal(one.GetProperty("union").GetString(), union.ToText());
            Assert.Equal(one.GetProperty("intersection").GetString(), RunLength.Intersection(parts).ToText());
            Assert.Equal(one.GetProperty("area").GetInt32(), union.Area);
            Assert.Equal(one.GetProperty("iou").GetDouble(), union.Iou(parts[0]));
            Assert.Equal(one.GetProperty("crowd").GetDouble(), parts[0].Iou(union, crowd: true));
            var box = union.Box;
            double[] sides = [box.Left, box.Top, box.Width, box.Height];
            Assert.Equal(Numbers(one.GetProperty("box")), sides);
        }
    }

    [Fact]
    public void Texts_of_the_reference_are_read()
    {
        foreach (var one in Cases)
        {
            var (h, w) = (one.GetProperty("height").GetInt32(), one.GetProperty("width").GetInt32());
            var text = one.GetProperty("union").GetString()!;
            Assert.Equal(text, RunLength.OfText(text, h, w).ToText());
            Assert.Equal(one.GetProperty("area").GetInt32(), RunLength.OfText(text, h, w).Area);
        }
    }

    [Fact]
    public void A_mask_goes_to_polygons_and_back_whatever_its_parts_and_holes()
    {
        var dice = new Random(11);
        for (var i = 0; i < 300; i++)
        {
            var (h, w, share) = (dice.Next(1, 25), dice.Next(1, 25), dice.NextDouble());
            var mask = RunLength.OfBitmap(
                [.. Enumerable.Range(0, h * w).Select(_ => (byte)(dice.NextDouble() < share ? 1 : 0))], h, w);
            if (mask.Area > 0)
            {
                Assert.Equal(mask, RunLength.OfPolygons(mask.ToPolygons(), h, w));
            }
        }
    }

    [Fact]
    public void A_part_is_a_polygon_and_straight_edges_have_no_points_within()
    {
        Assert.Empty(RunLength.Empty(3, 3).ToPolygons());
        Assert.Equal([[1, 1, 4, 1, 4, 3, 1, 3]], RunLength.OfBox(new ImageBox(1, 1, 3, 2), 5, 6).ToPolygons());
        Assert.Equal(2, RunLength.OfBitmap([1, 0, 0, 1], 2, 2).ToPolygons().Count);
        var ring = RunLength.OfBitmap([1, 1, 1, 1, 0, 1, 1, 1, 1], 3, 3).ToPolygons();
        Assert.Equal(8 + 2 + 10, Assert.Single(ring).Length);
    }

    [Theory]
    [InlineData(new double[] { 1, 1, 4, 1 }, "4 numbers")]
    [InlineData(new double[] { 1, 1, 4, 1, 3, 3, 5 }, "7 numbers")]
    [InlineData(new double[0], "0 numbers")]
    [InlineData(new[] { 1, 1, 4, 1, double.NaN, 3 }, "a point at NaN")]
    [InlineData(new[] { 1, 1, 4, 1, 1e300, 3 }, "a point at 1E+300")]
    public void What_is_no_polygon_is_refused(double[] polygon, string expected) =>
        Assert.Contains(expected, Assert.Throws<KdException>(() => RunLength.OfPolygon(polygon, 9, 9)).Message);

    [Fact]
    public void An_outline_without_end_is_refused()
    {
        double[] polygon = [.. Enumerable.Range(0, 1000).Select(i => i % 4 < 2 ? -1e6 : 1e6)];
        Assert.Contains(
            "outline is 1000000000 pixels long", Assert.Throws<KdException>(() => RunLength.OfPolygon(polygon, 9, 9)).Message);
    }

    [Fact]
    public void No_polygon_is_no_mask() => Assert.Throws<KdException>(() => RunLength.OfPolygons([], 9, 9));

    private static double[] Numbers(JsonElement numbers) => [.. numbers.EnumerateArray().Select(n => n.GetDouble())];
}
