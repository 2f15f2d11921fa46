using System.Text.Json;
using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Tests.Datasets;

public sealed class FashionScenesFolderTests : IDisposable
{
    private static readonly FashionScenesOptions Few = new(5, 3, 2, 40, 9);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Written_twice_every_file_has_the_same_bytes()
    {
        var (one, other) = (Write("one", Few), Write("other", Few));
        var files = Files(one);
        Assert.Equal(files, Files(other));
        Assert.Equal(5 + 3 + 2, files.Count(file => file.StartsWith("images", StringComparison.Ordinal)));
        Assert.All(files, file => Assert.Equal(
            File.ReadAllBytes(Path.Combine(one, file)), File.ReadAllBytes(Path.Combine(other, file))));

        var before = files.ToDictionary(file => file, file => File.ReadAllBytes(Path.Combine(one, file)));
        Write("one", Few); // over itself
        Assert.Equal(files, Files(one));
        Assert.All(before, entry => Assert.Equal(entry.Value, File.ReadAllBytes(Path.Combine(one, entry.Key))));
    }

    [Fact]
    public void Cityscapes_loader_gives_the_scenes_back()
    {
        var place = Write("scenes", Few);
        var made = FashionScenes.Make(Few, FashionMnist.Mini(), Cancel);
        (string, SampleSet)[] splits = [("train", made.Train), ("val", made.Validation), ("test", made.Test!)];
        foreach (var (split, expected) in splits)
        {
            var set = CityscapesSet.Open(place, split, FashionScenes.Table, cancel: Cancel);
            Assert.Equal(expected.Count, set.Count);
            Assert.All(Enumerable.Range(0, set.Count), i =>
            {
                Assert.Equal(expected.Load(i).Pixels.ToArray(), set.Load(i).Pixels.ToArray());
                Assert.Equal(LabelMap.Of(expected.Load(i)).Labels, LabelMap.Of(set.Load(i)).Labels);
            });
        }
    }

    // Read without our own classes, as COCO's tools would.
    [Fact]
    public void Coco_annotations_say_boxes_areas_and_masks_of_the_scenes()
    {
        var place = Write("scenes", Few);
        var made = FashionScenes.Make(Few, FashionMnist.Mini(), Cancel).Train;
        var path = Path.Combine(place, "annotations", "instances_train.json");
        using var json = JsonDocument.Parse(File.ReadAllText(path));
        var (root, ids) = (json.RootElement, new HashSet<int>());
        Assert.Equal(
            FashionMnist.ClassNames,
            root.GetProperty("categories").EnumerateArray().OrderBy(c => c.GetProperty("id").GetInt32())
                .Select(c => c.GetProperty("name").GetString()));
        foreach (var image in root.GetProperty("images").EnumerateArray())
        {
            Assert.True(File.Exists(Path.Combine(place, "images", image.GetProperty("file_name").GetString()!)));
            var scene = made.Load(image.GetProperty("id").GetInt32() - 1);
            var labels = new byte[scene.Size.Pixels];
            foreach (var one in root.GetProperty("annotations").EnumerateArray()
                .Where(one => one.GetProperty("image_id").GetInt32() == image.GetProperty("id").GetInt32()))
            {
                Assert.True(ids.Add(one.GetProperty("id").GetInt32()));
                Assert.Equal(0, one.GetProperty("iscrowd").GetInt32());
                var pixels = Decode(one.GetProperty("segmentation"), 40);
                Assert.Equal(one.GetProperty("area").GetInt32(), pixels.Count);
                int[] box = [.. one.GetProperty("bbox").EnumerateArray().Select(n => n.GetInt32())];
                Assert.Equal(
                    [pixels.Min(p => p.X), pixels.Min(p => p.Y), pixels.Max(p => p.X) + 1, pixels.Max(p => p.Y) + 1],
                    [box[0], box[1], box[0] + box[2], box[1] + box[3]]);
                pixels.ForEach(p => labels[(p.Y * 40) + p.X] = one.GetProperty("category_id").GetByte());
            }

            Assert.Equal(LabelMap.Of(scene).Labels, labels);
        }
    }

    [Fact]
    public void A_folder_with_something_else_is_left_alone()
    {
        folder.Write("thesis.txt", [1]);
        var error = Assert.Throws<KdException>(() => Write("", Few));
        Assert.Contains("holds something other than fashion scenes", error.Message);
        Assert.Contains("holds something other", Assert.Throws<KdException>(() => Write("thesis.txt", Few)).Message);
        Assert.Equal(["thesis.txt"], folder.Names);
    }

    [Fact]
    public void Fewer_scenes_over_more_leave_none_of_the_old()
    {
        Write("scenes", Few);
        var place = Write("scenes", Few with { Train = 2, Test = 0 });
        Assert.Equal(2 + 3, Files(place).Count(file => file.StartsWith("images", StringComparison.Ordinal)));
        Assert.DoesNotContain(Files(place), file => file.Contains("test", StringComparison.Ordinal));
        Assert.Equal(["scenes"], folder.Names);
    }

    [Fact]
    public void Stopped_it_leaves_nothing_behind()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(
            () => FashionScenesFolder.Write(
                folder.File("scenes"), Few, context: RunContext.Default with { Cancellation = stop.Token }));
        Assert.Empty(folder.Names);
    }

    [Fact]
    public void A_city_holds_a_hundred_scenes()
    {
        Assert.Equal("scenes00/scenes00_000000_000099", FashionScenesFolder.CityscapesName(99));
        Assert.Equal("scenes12/scenes12_000012_000034", FashionScenesFolder.CityscapesName(1234));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static RunContext Context => RunContext.Default with { Cancellation = Cancel };

    private string Write(string name, FashionScenesOptions options)
    {
        FashionScenesFolder.Write(folder.File(name), options, context: Context);
        return folder.File(name);
    }

    private static List<string> Files(string place) =>
    [
        .. Directory.EnumerateFiles(place, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(place, file)).Order(StringComparer.Ordinal),
    ];

    private static List<(int X, int Y)> Decode(JsonElement segmentation, int height)
    {
        var (pixels, at, one) = (new List<(int, int)>(), 0, false);
        foreach (var run in segmentation.GetProperty("counts").EnumerateArray().Select(run => run.GetInt32()))
        {
            for (var end = at + run; at < end; at++)
            {
                if (one)
                {
                    pixels.Add((at / height, at % height));
                }
            }

            one = !one;
        }

        return pixels;
    }
}
