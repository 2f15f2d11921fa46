using System.Text.Json;
using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Masks;
using KdNotebooks.Metrics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Datasets;

public sealed class CocoResultsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // From the golden file to the reference's numbers: instances, results, polygons, run lengths, evaluation.
    [Theory]
    [InlineData("bbox", CocoRegion.Box)]
    [InlineData("segm", CocoRegion.Mask)]
    public void Files_in_COCOs_format_have_the_numbers_of_the_reference(string kind, CocoRegion region)
    {
        var golden = JsonDocument.Parse(System.IO.File.ReadAllText(
            Path.Combine(AppContext.BaseDirectory, "Metrics/golden/coco-map.json"))).RootElement;
        var instances = CocoInstances.Read(File("truth.json", golden.GetProperty("groundTruth").GetRawText()));
        var found = CocoResults.Read(File("found.json", golden.GetProperty("detections").GetRawText()), instances);
        double[] expected = [.. golden.GetProperty("expected").GetProperty(kind).EnumerateArray().Select(n => n.GetDouble())];

        var numbers = CocoResults.Evaluate(instances, found, region).Numbers;
        Assert.All(expected.Zip(numbers), pair => Assert.Equal(pair.First, pair.Second, 1e-9));

        var again = Path.Combine(folder.Path, "again.json");
        CocoResults.Write(again, instances, found.Select((objects, i) => (i, objects)), boxes: region == CocoRegion.Box);
        Assert.Equal(numbers, CocoResults.Evaluate(instances, CocoResults.Read(again, instances), region).Numbers);
    }

    [Fact]
    public void Results_are_written_as_the_format_has_them()
    {
        var instances = Instances();
        var path = Path.Combine(folder.Path, "results.json");
        var mask = RunLength.OfBox(new ImageBox(1, 1, 2, 2), 4, 5);
        CocoResults.Write(path, instances,
        [
            (1, [new FoundObject(1, 0.1, new ImageBox(0.5, 1, 2.25, 3))]), (0, []),
            (0, [new FoundObject(0, 1, new ImageBox(1, 1, 2, 2), mask)]),
        ]);
        Assert.Equal(
            """[{"image_id":9,"category_id":50,"bbox":[0.5,1,2.25,3],"score":0.1},"""
            + """{"image_id":4,"category_id":3,"bbox":[1,1,2,2],"score":1,"segmentation":{"size":[4,5],"counts":"52203"}}]""",
            System.IO.File.ReadAllText(path).Replace(mask.ToText(), "52203"));

        var found = CocoResults.Read(path, instances);
        Assert.Equal(mask, found[0].Single().Mask);
        Assert.Equal(new FoundObject(1, 0.1, new ImageBox(0.5, 1, 2.25, 3)), found[1].Single());

        CocoResults.Write(path, instances, [(0, found[0])], boxes: false);
        Assert.DoesNotContain("bbox", System.IO.File.ReadAllText(path));
        Assert.Equal(mask.Box, CocoResults.Read(path, instances)[0].Single().Box);
    }

    [Theory]
    [InlineData("{}", "of the file, its content is an object")]
    [InlineData("[null]", "of result 0, its value is null")]
    [InlineData("""[{"image_id": 4, "category_id": 3, "score": 1, "bbox": [0, 0, 1, 1]}, {"image_id": 5, "category_id": 3, "score": 1, "bbox": [0, 0, 1, 1]}]""", "of result 1, image 5 is not listed")]
    [InlineData("""[{"image_id": 4, "category_id": 4, "score": 1, "bbox": [0, 0, 1, 1]}]""", "Category 4 is not listed; expected one of 3, 50")]
    [InlineData("""[{"image_id": 4, "category_id": 3, "score": NaN, "bbox": [0, 0, 1, 1]}]""", "the score is NaN")]
    [InlineData("""[{"image_id": 4, "category_id": 3, "bbox": [0, 0, 1, 1]}]""", "are missing")]
    [InlineData("""[{"image_id": 4, "category_id": 3, "score": 1}]""", "are missing")]
    [InlineData("""[{"image_id": 4, "category_id": 3, "score": 1, "segmentation": {"size": [5, 4], "counts": "d0"}}]""", "4x5 pixels came for an image of 5x4")]
    [InlineData("""[{"image_id": 4, "category_id": 3, "score": 1, "segmentation": {"size": [4, 5], "counts": "!!"}}]""", "no number")]
    [InlineData("""[{"image_id": 4, "category_id": 3, "score": 1, "bbox": [0, 0, 1""", "is no JSON")]
    public void Results_that_are_none_are_named(string text, string expected)
    {
        var message = Assert.Throws<DataFileException>(() => CocoResults.Read(File("x.json", text), Instances())).Message;
        Assert.Contains(expected, message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void What_cannot_be_written_leaves_no_file()
    {
        var path = Path.Combine(folder.Path, "none.json");
        foreach (var (image, one) in new[]
        {
            (2, new FoundObject(0, 1, default)), (0, new FoundObject(2, 1, default)), (0, new FoundObject(0, double.NaN, default)),
        })
        {
            Assert.Throws<KdException>(() => CocoResults.Write(path, Instances(), [(image, [one])]));
            Assert.False(System.IO.File.Exists(path));
        }

        Assert.Throws<KdException>(() => CocoResults.Evaluate(Instances(), [], CocoRegion.Box));
    }

    private static CocoInstances Instances() => new(
        [new CocoCategory(50, "b"), new CocoCategory(3, "a")],
        [new CocoImage(4, "x.png", 4, 5), new CocoImage(9, "y.png", 6, 6)], []);

    private string File(string name, string text)
    {
        var path = Path.Combine(folder.Path, name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }
}
