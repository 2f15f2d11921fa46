using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Masks;
using KdNotebooks.Metrics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Datasets;

public sealed class CocoInstancesTests : IDisposable
{
    private const string Categories = """{"id": 90, "name": "cat"}, {"id": 7, "name": "dog", "supercategory": "animal"}""";
    private const string Images = """
        {"id": 5, "file_name": "a/b.jpg", "height": 20, "width": 30, "license": {"x": [1, 2]}},
        {"id": 3, "file_name": "c.png", "height": 10, "width": 12}
        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("images", "categories", "annotations")]
    [InlineData("annotations", "images", "categories")]
    [InlineData("categories", "annotations", "images")]
    public void A_file_is_read_whatever_the_order_of_its_keys(params string[] keys)
    {
        var parts = new Dictionary<string, string>
        {
            ["images"] = Images,
            ["categories"] = Categories,
            ["annotations"] = One(8, 5, 90, "[1, 2, 3.5, 4]") + ", "
                + One(2, 5, 7, "[0, 0, 5, 5]", """, "iscrowd": 1, "segmentation": {"counts": [600], "size": [20, 30]}""")
                + ", " + One(4, 5, 7, "[0, 0, 5, 5]", """, "segmentation": {"size": [20, 30], "counts": "hb0"}"""),
        };
        var all = Read("{\"info\": {\"images\": [null]}, " + string.Join(", ", keys.Select(key => $"\"{key}\": [{parts[key]}]"))
            + ", \"licenses\": []}");

        Assert.Equal(["dog", "cat"], all.ClassNames);
        Assert.Equal([(5L, "a/b.jpg"), (3L, "c.png")], all.Images.Select(image => (image.Id, image.FileName)));
        Assert.Equal([8L, 2, 4], all.AnnotationsOf(0).Select(one => one.Id));
        Assert.Empty(all.AnnotationsOf(1));
        var first = all.Annotations[0];
        Assert.Equal((1, new ImageBox(1, 2, 3.5, 4), 9.5, false), (first.Class, first.Box, first.Area, first.Crowd));
        Assert.Null(first.Shape);
        Assert.True(all.Annotations[1].Crowd);
        Assert.Equal(RunLength.Empty(20, 30), all.Annotations[1].Shape!.Mask(20, 30));
        Assert.Equal(RunLength.Empty(20, 30), all.Annotations[2].Shape!.Mask(20, 30));
        Assert.Equal((0, 1, -1), (all.ClassOf(7), all.IndexOf(3), all.IndexOf(4)));
        Assert.Equal([0], all.WithObjects());
        Assert.Contains("expected one of 7, 90", Assert.Throws<KdException>(() => all.ClassOf(8)).Message);
    }

    [Fact]
    public void Values_that_cross_the_buffer_are_whole()
    {
        var polygon = string.Join(", ", Enumerable.Range(0, 40_000).Select(i => $"{i % 1000 / 100.0}"));
        var many = string.Join(", ", Enumerable.Range(1, 3000).Select(i => One(i, 5, 7, $"[{i % 9}, 1, 2, {i}.25]")));
        var all = Read(File(many + ", " + One(9999, 3, 90, "[0, 0, 1, 1]",
            $", \"note\": \"{new string('x', 300_000)}\", \"segmentation\": [[{polygon}], [0, 0, 4, 0, 4, 3]]")));
        Assert.Equal(3001, all.Annotations.Count);
        Assert.All(Enumerable.Range(1, 3000), i => Assert.Equal(new ImageBox(i % 9, 1, 2, i + 0.25), all.Annotations[i - 1].Box));
        Assert.Equal(40_000, all.Annotations[3000].Shape!.Polygons![0].Length);
        Assert.Equal(9.99, all.Annotations[3000].Shape!.Polygons![0][999]);
        Assert.Equal([0, 0, 4, 0, 4, 3], all.Annotations[3000].Shape!.Polygons![1]);
    }

    [Fact]
    public void Polygons_keep_every_digit()
    {
        var all = Read(File(
            One(1, 5, 7, "[0, 0, 1, 1]", """, "segmentation": [[510.66, 423.01, 0.1, -3.33, 99.99, 7]]""") + ","
            + One(2, 5, 7, "[0, 0, 1, 1]", """, "segmentation": [[510.6612345, 423.01, 0.1, -3.33, 99.99, 7]]""")));
        Assert.Equal([510.66, 423.01, 0.1, -3.33, 99.99, 7], all.Annotations[0].Shape!.Polygons![0]);
        Assert.Equal([510.6612345, 423.01, 0.1, -3.33, 99.99, 7], all.Annotations[1].Shape!.Polygons![0]);
    }

    [Fact]
    public void Degenerate_boxes_are_counted_and_not_trained_on_but_stay_in_the_truth()
    {
        string[] boxes =
        [
            "[1, 1, 0, 5]", "[1, 1, 5, -2]", "[30, 1, 5, 5]", "[-9, 0, 9, 5]", "[NaN, 1, 2, 2]", "[1, 1, Infinity, 2]",
            "[1, 1, 1e999, 2]", "[-4, 15, 10, 9]",
        ];
        var all = Read(File(string.Join(",", boxes.Select((box, i) => One(i + 1, i == 0 ? 3 : 5, 7, box)))));
        Assert.Equal(7, all.Degenerate.Count);
        Assert.Equal([1L, 2, 3, 4, 5, 6, 7], all.Degenerate.FirstIds);
        Assert.Contains("7 boxes without a pixel of their image", all.Degenerate.ToString());
        Assert.Equal(new ImageBox(0, 15, 6, 5), all.Within(all.Annotations[7]));
        Assert.Equal([0], all.WithObjects());
        Assert.Equal(7, all.TruthsOf(0, CocoRegion.Box).Count);
        Assert.Equal(new ImageBox(-4, 15, 10, 9), all.TruthsOf(0, CocoRegion.Box)[6].Box);
    }

    [Theory]
    [InlineData("annotation 4 is of image 6, which is not listed", 4, 6, 7, "")]
    [InlineData("annotation 4 has category 1, which is not listed", 4, 5, 1, "")]
    [InlineData("annotation 1 comes twice", 1, 5, 7, "")]
    [InlineData(
        "annotation 4 has a mask of 20x30 pixels, its image 5 has 30x20", 4, 5, 7,
        """, "segmentation": {"size": [30, 20], "counts": [600]}""")]
    [InlineData(
        "annotation 4 has no mask that can be read (Run lengths: they add up to 601", 4, 5, 7,
        """, "segmentation": {"size": [20, 30], "counts": [601]}""")]
    [InlineData("annotation 4 has no mask that can be read (Polygon: 4 numbers", 4, 5, 7, """, "segmentation": [[1, 2, 3, 4]]""")]
    [InlineData("annotation 4 has no mask that can be read (Polygon: a point at NaN", 4, 5, 7, """, "segmentation": [[1, 2, 3, 4, 5, NaN]]""")]
    [InlineData("annotation 4 has the area 9.5 and iscrowd 2", 4, 5, 7, """, "iscrowd": 2""")]
    public void An_annotation_that_cannot_be_used_is_named(string expected, int id, int image, int category, string more) =>
        Refused(expected, File(One(1, 5, 7, "[0, 0, 1, 1]") + "," + One(id, image, category, "[0, 0, 1, 1]", more)));

    [Fact]
    public void Ids_of_images_and_categories_that_come_twice_are_named()
    {
        Refused("image 3 comes twice", File("", images: Images + ", " + Image(3, "\"d.png\"")));
        Refused("category 7 comes twice", File("", categories: Categories + """, {"id": 7, "name": "cow"}"""));
        Refused("comes twice; expected ids of their own, and 1 more are wrong",
            File("", Categories + """, {"id": 7, "name": "cow"}""", Images + ", " + Image(3, "\"d.png\"")));
    }

    [Theory]
    [InlineData("null", "images[2], its value is null; expected an object")]
    [InlineData("7", "images[2], its value is 7; expected an object")]
    [InlineData("{}", "images[2], 'id' is missing")]
    [InlineData("""{"id": "9", "file_name": "x.png", "height": 4, "width": 4}""", "its id is the text '9'; expected a whole number")]
    [InlineData("""{"id": 9.5, "file_name": "x.png", "height": 4, "width": 4}""", "its id is 9.5; expected a whole number")]
    [InlineData("""{"id": 9, "file_name": "x.png", "height": -4, "width": 4}""", "its height is -4; expected 1 to 65535")]
    [InlineData("""{"id": 9, "file_name": "x.png", "height": 4, "width": 99999999999}""", "its width is 99999999999")]
    [InlineData("""{"id": 9, "file_name": "x.png", "height": 4, "width": 1e99}""", "its width is 1e99; expected a whole")]
    [InlineData("""{"id": 9, "file_name": "x.png", "height": 0, "width": 4}""", "its height is 0")]
    public void An_image_that_is_none_is_named(string image, string expected) =>
        Refused(expected, File("", images: Images + ", " + image));

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"../x.png\"")]
    [InlineData("\"a/../../x.png\"")]
    [InlineData("\"/etc/passwd\"")]
    [InlineData("\"a\\u0000b.png\"")]
    [InlineData("\"a\\nb.png\"")]
    [InlineData("\"a\\\\b.png\"")]
    [InlineData("\"a//b.png\"")]
    public void A_name_that_leads_elsewhere_is_refused(string name) =>
        Refused("expected a file below the folder of images", File("", images: Image(1, name)));

    [Theory]
    [InlineData("""{"id": 9, "image_id": 5, "category_id": 7, "area": 2}""", "annotations[1], 'bbox' is missing")]
    [InlineData("""{"id": 9, "image_id": 5, "category_id": 7, "area": 2, "bbox": [1, 2, 3]}""", "its bbox has 3 numbers")]
    [InlineData("""{"id": 9, "image_id": 5, "category_id": 7, "area": 2, "bbox": [1, 2, 3, 4, 5]}""", "more than 4 numbers")]
    [InlineData("""{"id": 9, "image_id": 5, "category_id": 7, "area": 2, "bbox": {}}""", "its bbox is an object; expected a list")]
    [InlineData("""{"id": 9, "image_id": 5, "category_id": 7, "area": 2, "bbox": [1, 2, 3, null]}""", "its bbox is null; expected a number")]
    [InlineData("""{"id": 9, "category_id": 7, "area": 2, "bbox": [1, 2, 3, 4]}""", "'image_id' is missing")]
    [InlineData("""{"id": 9, "image_id": 5, "category_id": 7, "area": 2, "bbox": [1, 2, 3, 4], "segmentation": "x"}""", "its segmentation is the text 'x'")]
    [InlineData("""{"id": 9, "image_id": 5, "category_id": 7, "area": 2, "bbox": [1, 2, 3, 4], "segmentation": [1, 2]}""", "its polygon is 1; expected a list")]
    [InlineData("""{"id": 9, "image_id": 5, "category_id": 7, "area": 2, "bbox": [1, 2, 3, 4], "segmentation": {"size": [2, 2]}}""", "lacks size or counts")]
    [InlineData("""{"id": 9, "image_id": 5, "category_id": 7, "area": "\ud800", "bbox": [1, 2, 3, 4]}""", "its area is the text")]
    [InlineData("[]", "annotations[1], its value is a list")]
    public void An_annotation_that_is_none_is_named_by_its_place(string annotation, string expected) =>
        Refused(expected, File(One(1, 5, 7, "[0, 0, 1, 1]") + ", " + annotation));

    [Theory]
    [InlineData("", "is no JSON")]
    [InlineData("[]", "its content is a list; expected an object")]
    [InlineData("null", "its content is null")]
    [InlineData("{}", "it has no images and no categories and no annotations")]
    [InlineData("""{"images": [], "categories": []}""", "it has no annotations")]
    [InlineData("""{"images": {}, "categories": [], "annotations": []}""", "its 'images' is an object; expected a list")]
    [InlineData("""{"images": [], "images": [], "categories": [], "annotations": []}""", "two lists 'images'")]
    [InlineData("""{"images": [], "categories": [], "annotations": []""", "is no JSON")]
    [InlineData("""{"images": [], "categories": [], "annotations": []} x""", "is no JSON")]
    [InlineData("""{"images": [}""", "is no JSON")]
    [InlineData("not JSON\nat all", "is no JSON")]
    public void A_file_of_another_kind_is_refused(string text, string expected) => Refused(expected, text);

    [Fact]
    public void Nesting_without_end_and_files_that_are_not_there_are_refused()
    {
        Refused("is no JSON", "{\"x\": " + new string('[', 100_000));
        Assert.Contains("cannot be read", Assert.Throws<DataFileException>(
            () => CocoInstances.Read(Path.Combine(folder.Path, "none.json"))).Message);
    }

    [Fact]
    public void Cut_anywhere_a_file_is_refused_in_one_line()
    {
        var text = File(One(1, 5, 7, "[0, 0, 1, 1]", """, "segmentation": {"size": [20, 30], "counts": "hb0"}"""));
        for (var cut = 0; cut < text.Length; cut++)
        {
            Refused("", text[..cut]);
        }
    }

    [Fact]
    public void The_mark_of_UTF8_is_no_fault() => Assert.Equal(2, Read("\uFEFF" + File("")).Images.Count);

    [Fact]
    public void What_is_written_is_read_again()
    {
        var all = Read(File(
            One(8, 5, 90, "[1.25, 2, 3.5, 4]", """, "segmentation": [[0, 0, 4.5, 0, 4, 3], [9, 9, 10, 9, 10, 11]]""") + ", "
            + One(2, 3, 7, "[0, 0, 5, 5]", """, "iscrowd": 1, "segmentation": {"counts": [100, 20], "size": [10, 12]}""")
            + "," + One(3, 3, 7, "[0, 0, 5, 5]")));
        var (one, two) = (Path.Combine(folder.Path, "one.json"), Path.Combine(folder.Path, "two.json"));
        all.Write(one);
        var again = CocoInstances.Read(one);
        again.Write(two);
        Assert.Equal(System.IO.File.ReadAllBytes(one), System.IO.File.ReadAllBytes(two));
        Assert.Equal(all.Categories, again.Categories);
        Assert.Equal(all.Images, again.Images);
        Assert.Equal(all.Annotations.Select(a => (a.Id, a.Box, a.Area)), again.Annotations.Select(a => (a.Id, a.Box, a.Area)));
        Assert.Equal(all.Annotations[0].Shape!.Polygons, again.Annotations[0].Shape!.Polygons);
        Assert.Equal(all.Annotations[1].Shape!.Runs, again.Annotations[1].Shape!.Runs);
    }

    private static string One(int id, int image, int category, string box, string more = "") =>
        $"{{\"id\": {id}, \"image_id\": {image}, \"category_id\": {category}, \"area\": 9.5, \"bbox\": {box}{more}}}";

    private static string Image(int id, string name) =>
        $"{{\"id\": {id}, \"file_name\": {name}, \"height\": 4, \"width\": 4}}";

    private static string File(string annotations, string categories = Categories, string images = Images) =>
        $"{{\"images\": [{images}], \"categories\": [{categories}], \"annotations\": [{annotations}]}}";

    private CocoInstances Read(string text)
    {
        var path = Path.Combine(folder.Path, "instances.json");
        System.IO.File.WriteAllText(path, text);
        return CocoInstances.Read(path);
    }

    private void Refused(string expected, string text)
    {
        var message = Assert.Throws<DataFileException>(() => Read(text)).Message;
        Assert.Contains(expected, message);
        Assert.DoesNotContain('\n', message);
        Assert.DoesNotContain('\0', message);
        Assert.True(message.Length < 700, message);
    }
}
