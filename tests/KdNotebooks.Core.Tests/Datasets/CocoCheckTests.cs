using KdNotebooks.Data.Formats;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Datasets;

public sealed class CocoCheckTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("val")]
    [InlineData("images/val")]
    [InlineData("images")]
    [InlineData(".")]
    public void A_sound_copy_has_one_finding_a_file_wherever_its_images_are(string place)
    {
        Images(place);
        Annotations("val", """{"id": 1, "image_id": 1, "category_id": 1, "area": 4, "bbox": [0, 0, 2, 0]}""");
        var finding = Assert.Single(Check());
        Assert.True(finding.Sound, finding.Message);
        Assert.Contains("1 instances of 1 classes in 2 images; 1 boxes", finding.Message);
    }

    [Fact]
    public void Every_planted_defect_is_named_and_nothing_else()
    {
        Images("val");
        Annotations("val", """{"id": 5, "image_id": 2, "category_id": 1, "area": 4, "bbox": [6, 0, 2, 2]}""");
        Messages("annotation 5 has the box [6, 0, 2, 2], which lies outside its image 2 of 6x7");

        Annotations("val",
            """{"id": 1, "image_id": 1, "category_id": 1, "area": 4, "bbox": [0, 0, 2, 2]}""",
            """{"id": 2, "image_id": 7, "category_id": 1, "area": 4, "bbox": [0, 0, 2, 2]}""",
            """{"id": 3, "image_id": 1, "category_id": 9, "area": 4, "bbox": [0, 0, 2, 2]}""");
        Messages("annotation 2 is of image 7", "annotation 3 has category 9");

        Annotations("val");
        At("val/a.png", path => PngWriter.WriteGray(path, new byte[12], 3, 4));
        Messages("is 4x3 pixels large, its annotations say 4x2");
        At("val/a.png", File.Delete);
        Messages("is missing");
        At("val/b.jpg", path => File.WriteAllBytes(path, CocoCopy.Jpeg(6, 7)[..150]));
        At("val/a.png", path => PngWriter.WriteGray(path, new byte[8], 2, 4));
        Messages("ends after 150 bytes");
        At("val/b.jpg", path => File.WriteAllBytes(path, CocoCopy.Jpeg(6, 8)));
        Messages("is 6x8 pixels large, its annotations say 6x7");
        Directory.Delete(Path.Combine(folder.Path, "val"), true);
        Messages("none of its 2 images is in");
    }

    [Fact]
    public void A_thousand_faults_are_twenty_lines()
    {
        Images("val");
        Annotations("val", [.. Enumerable.Range(1, 1000).Select(i =>
            $"{{\"id\": {i}, \"image_id\": 99, \"category_id\": 1, \"area\": 4, \"bbox\": [0, 0, 2, 2]}}")]);
        var findings = Check();
        Assert.Equal(21, findings.Count);
        Assert.Contains("980 more are wrong", findings[^1].Message);
    }

    [Fact]
    public void A_folder_without_annotations_is_named() => Assert.Contains(
        "holds no instances_*.json", Assert.Throws<KdException>(Check).Message);

    [Fact]
    public void The_images_of_fashion_scenes_are_a_copy_of_COCO_too()
    {
        FashionScenesFolder.Write(Path.Combine(folder.Path, "scenes"), new FashionScenesOptions(3, 2, 1, 32));
        var findings = CocoCheck.Folder(Path.Combine(folder.Path, "scenes"));
        Assert.Equal(3, findings.Count);
        Assert.All(findings, finding => Assert.True(finding.Sound, finding.Message));
    }

    private void Messages(params string[] expected)
    {
        var findings = Check();
        Assert.Equal(expected.Length, findings.Count);
        Assert.All(findings.Zip(expected), pair =>
        {
            Assert.False(pair.First.Sound);
            Assert.Contains(pair.Second.Split('|'), part => pair.First.Message.Contains(part));
        });
    }

    private IReadOnlyList<DataFinding> Check() => CocoCheck.Folder(
        folder.Path, RunContext.Default with { Cancellation = TestContext.Current.CancellationToken });

    private void Images(string place)
    {
        At($"{place}/a.png", path => PngWriter.WriteGray(path, new byte[8], 2, 4));
        At($"{place}/b.jpg", path => File.WriteAllBytes(path, CocoCopy.Jpeg(6, 7)));
    }

    private void Annotations(string name, params string[] annotations) => At(
        $"annotations/instances_{name}.json", path => File.WriteAllText(path,
            """
            {"images": [{"id": 1, "file_name": "a.png", "height": 2, "width": 4},
            {"id": 2, "file_name": "b.jpg", "height": 7, "width": 6}], "categories": [{"id": 1, "name": "x"}],
            """ + $"\"annotations\": [{string.Join(", ", annotations)}]}}"));

    private void At(string name, Action<string> act)
    {
        var path = Path.Combine(folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        act(path);
    }
}
