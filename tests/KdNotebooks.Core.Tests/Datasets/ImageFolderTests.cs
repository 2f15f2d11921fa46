using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;

namespace KdNotebooks.Tests.Datasets;

public sealed class ImageFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public ImageFolderTests()
    {
        foreach (var split in new[] { "train", "val" })
        {
            // In the order of their characters' numbers: digits, capitals, then small letters.
            Put($"{split}/a", 3);
            Put($"{split}/B", 2);
            Put($"{split}/10", 2);
            Put($"{split}/9", 1);
        }
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Classes_and_files_are_in_torchvisions_order()
    {
        Put("train/B/inner", 1);
        Put("train/B", 1, "C.JPEG");
        folder.Write("train/B/notes.txt", [1]);
        var data = Open();
        Assert.Equal(["10", "9", "B", "a"], data.ClassNames);
        var train = (ImageFolderSet)data.Train;
        Assert.Equal(10, train.Count);
        Assert.Equal(
            ["10/0.jpg", "10/1.jpg", "9/0.jpg", "B/0.jpg", "B/1.jpg", "B/C.JPEG", "B/inner/0.jpg", "a/0.jpg", "a/1.jpg", "a/2.jpg"],
            Enumerable.Range(0, 10).Select(i => Path.GetRelativePath(folder.File("train"), train.FileOf(i))));
        Assert.Equal([0, 0, 1, 2, 2, 2, 2, 3, 3, 3], Enumerable.Range(0, 10).Select(i => ((ClassIndex)train.Load(i).Target).Index));
        Assert.Equal(new ImageSize(16, 16), train.Load(7).Size);
        Assert.Null(data.Test);
    }

    [Fact]
    public void Names_of_classes_are_a_class_index_files()
    {
        File.WriteAllText(
            folder.File("imagenet_class_index.json"),
            """{"0": ["10", "tench"], "2": ["B", "crane"], "1": ["9", "great_white_shark"], "3": ["a", "crane"]}""");
        Assert.Equal(["tench", "great white shark", "crane (B)", "crane (a)"], Open().ClassNames);
        File.Delete(folder.File("imagenet_class_index.json"));
        File.WriteAllText(folder.File("synset_words.txt"), "10 tench, Tinca tinca\n9\tshark\nB crane\na\n");
        Assert.Equal(["tench", "shark", "crane", "a"], Open().ClassNames);
    }

    [Theory]
    [InlineData("""{"0": ["9", "x"], "1": ["10", "y"], "2": ["B", "z"], "3": ["a", "w"]}""", "'9' as class 0")]
    [InlineData("""{"0": ["10", "x"], "1": ["9", "y"], "2": ["B", "z"]}""", "'a' has a folder and no entry")]
    [InlineData("""{"0": ["10", "x"], "1": ["9", "y"], "2": ["A", "n"], "3": ["B", "z"], "4": ["a", "w"]}""", "'A' has no folder")]
    [InlineData("""{"0": ["10", "x"], "2": ["9", "y"]}""", "2 entries, the last of them 2")]
    [InlineData("""{"0": 7}""", "\"0\"")]
    [InlineData("""[1]""", "no object")]
    [InlineData("""{"0": """, "cannot be read")]
    public void A_class_index_file_of_other_classes_is_refused(string text, string reason)
    {
        File.WriteAllText(folder.File("class_index.json"), text);
        var error = Assert.Throws<DataFileException>(() => Open());
        Assert.Equal(folder.File("class_index.json"), error.File);
        Assert.Contains(reason, error.Message);
    }

    [Fact]
    public void What_would_stop_a_run_is_named_before_it()
    {
        Directory.CreateDirectory(folder.File("train/empty"));
        Put("val/late", 1);
        Put("train", 1, "loose.png");
        folder.Write("train/a/old.bmp", [66, 77]);
        var error = Assert.Throws<KdException>(() => Open());
        Assert.All(
            new[] { "loose.png: is in no class", "old.bmp: is an image of a kind", "empty: the class has no image", "late: the class is in val and not in train" },
            one => Assert.Contains(one, error.Message));
        Assert.False(ImageFolderCheck.Folder(folder.Path)[0].Sound);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("<html>", "is neither a PNG")]
    public void A_file_that_is_no_image_is_named_before_a_run(string content, string reason)
    {
        File.WriteAllText(folder.File("val/B/1.jpg"), content);
        var error = Assert.Throws<KdException>(() => Open());
        Assert.Contains($"{folder.File("val/B/1.jpg")}: {reason}", error.Message);
    }

    [Fact]
    public void A_folder_without_val_needs_a_share_that_is_held_out()
    {
        Directory.Delete(folder.File("val"), recursive: true);
        Assert.Contains("holdOut", Assert.Throws<KdException>(() => Open()).Message);
        var data = Open(new ImageFolderOptions(16, HoldOut: 0.4));
        string[] Files(SampleSet set) => [.. Enumerable.Range(0, set.Count)
            .Select(i => Path.GetRelativePath(folder.File("train"), ((ImageFolderSet)set).FileOf(i)))];
        Assert.Equal(["10/0.jpg", "9/0.jpg", "B/0.jpg", "a/0.jpg", "a/1.jpg"], Files(data.Train));
        Assert.Equal(["10/1.jpg", "B/1.jpg", "a/2.jpg"], Files(data.Validation));
        Assert.Equal([0, 2, 3], Enumerable.Range(0, 3).Select(i => ((ClassIndex)data.Validation.TargetOf(i)).Index));
        Put("val/a", 1);
        Assert.Contains("expected one of both", Assert.Throws<KdException>(() => Open(new ImageFolderOptions(16, HoldOut: 0.4))).Message);
    }

    [Fact]
    public void Contents_decide_the_fingerprint_and_not_the_place()
    {
        using var copy = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories))
        {
            var place = copy.File(Path.GetRelativePath(folder.Path, file));
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.Copy(file, place);
        }

        var (here, there) = (Open(), ImageFolder.Open(copy.Path, new ImageFolderOptions(16)));
        Assert.Equal(here.Fingerprint, there.Fingerprint);
        Assert.NotEqual(here.Fingerprint, Open(new ImageFolderOptions(16, 24)).Fingerprint);
        File.WriteAllBytes(copy.File("val/9/0.jpg"), CocoCopy.Jpeg(20, 12, 77));
        Assert.Equal(
            "has changed since its set was opened, and its fingerprint taken",
            Assert.Throws<DataFileException>(() => there.Validation.Load(2)).Reason);
        there.Refresh(cancel: Cancel);
        Assert.NotEqual(here.Fingerprint, there.Fingerprint);
        there.Validation.Load(2);
    }

    [Fact]
    public void Some_of_its_images_are_some_of_each_class()
    {
        var some = Open().Train.Take(6);
        Assert.Equal([0, 0, 1, 2, 2, 3], Enumerable.Range(0, 6).Select(i => ((ClassIndex)some.TargetOf(i)).Index).Order());
        Assert.Equal([0, 1, 2, 3], Enumerable.Range(0, 4).Select(i => ((ClassIndex)Open().Train.Take(4).Load(i).Target).Index));
        Assert.Throws<KdException>(() => Open().Train.Take(9));
    }

    [Fact]
    public void A_damaged_image_stops_a_run_by_name_or_is_left_out_and_counted()
    {
        var path = folder.File("train/a/1.jpg");
        var whole = File.ReadAllBytes(path);
        var without = Without(path, () => Open().Fingerprint);
        File.WriteAllBytes(path, whole[..(whole.Length / 2)]);
        var data = Open();
        var error = Assert.Throws<DataFileException>(
            () => new BatchLoader(data.Train, 4, 1, new RandomResizedCrop(8)).Epoch(1, Cancel).Count());
        Assert.Equal(path, error.File);
        var left = Open(new ImageFolderOptions(16, SkipDamaged: true));
        Assert.Equal([path], left.Train.LeftOut);
        Assert.Empty(left.Validation.LeftOut);
        Assert.Equal((7, without), (left.Train.Count, left.Fingerprint));
        Assert.Equal(7, BatchLoader.InOrder(left.Train, 4, Cancel).Sum(batch => batch.Count));
        Assert.Contains("1.jpg", new ClassificationTask(left, PaddedCrop.None).Remarks().Single());
        var finding = ImageFolderCheck.Folder(folder.Path).Single(one => !one.Sound);
        Assert.Equal(path, finding.File);
    }

    private static string Without(string path, Func<string> look)
    {
        File.Move(path, path + ".away");
        var found = look();
        File.Move(path + ".away", path);
        return found;
    }

    [Fact]
    public void A_crop_is_of_the_files_whole_image_and_of_an_image_in_memory_the_same()
    {
        var (set, augmentation) = (Open().Train, new RandomResizedCrop(9));
        for (var i = 0; i < set.Count; i++)
        {
            var file = KdNotebooks.Data.Formats.ColorReader.Read(((ImageFolderSet)set).FileOf(i));
            var draw = new Draw(3, 1, i);
            var expected = augmentation.Apply(new Sample("x", 3, file.Size, file.Pixels, set.TargetOf(i)), draw);
            Assert.Equal(expected.Pixels.ToArray(), set.View(i, augmentation, draw).Pixels.ToArray());
            Assert.Equal(
                new Chain([augmentation, new PaddedCrop(1)]).Apply(new Sample("x", 3, file.Size, file.Pixels, set.TargetOf(i)), draw).Pixels.ToArray(),
                set.View(i, new Chain([augmentation, new PaddedCrop(1)]), draw).Pixels.ToArray());
        }
    }

    private Dataset Open(ImageFolderOptions? options = null) => ImageFolder.Open(folder.Path, options ?? new ImageFolderOptions(16));

    // Images of several sizes.
    private void Put(string place, int count, string? name = null)
    {
        Directory.CreateDirectory(folder.File(place));
        for (var i = 0; i < count; i++)
        {
            File.WriteAllBytes(folder.File($"{place}/{name ?? $"{i}.jpg"}"), CocoCopy.Jpeg(20 + (3 * i), 12 + (7 * i), place.Length + i));
        }
    }
}
