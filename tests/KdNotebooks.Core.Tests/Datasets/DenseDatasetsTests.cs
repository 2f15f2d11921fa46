using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Models;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Tests.Data.Dense;
using KdNotebooks.Tests.Runs;

namespace KdNotebooks.Tests.Datasets;

public sealed class DenseDatasetsTests : IDisposable
{
    private static readonly FashionScenesOptions Small = new(4, 3, 2, 32);

    private readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    [Fact]
    public void Scenes_are_made_in_memory_as_many_and_as_large_as_asked()
    {
        var data = KnownDatasets.LoadDense(new DataSpec("fashion-scenes", 4, 3, 2, Size: 32));

        Assert.Equal(FashionScenes.Make(Small).Fingerprint, data.Fingerprint);
        Assert.Equal((4, 3, 2), (data.Train.Count, data.Validation.Count, data.Test!.Count));
        Assert.Null(KnownDatasets.LoadDense(new DataSpec("fashion-scenes", 4, 3, 0, Size: 32)).Test);
    }

    [Fact]
    public void A_folder_holds_the_very_same_scenes()
    {
        Write(Small);

        var (written, made) = (KnownDatasets.LoadDense(InFolder), FashionScenes.Make(Small));

        Assert.Equal((made.Mean, made.Std), (written.Mean, written.Std));
        foreach (var split in new[] { "train", "validation", "test" })
        {
            var (there, here) = (written.SplitNamed(split), made.SplitNamed(split));
            Assert.Same(here.Table, there.Table);
            Assert.Equal(Samples(here), Samples(there));
        }
    }

    [Fact]
    public void A_number_takes_the_first_scenes_of_a_folder_and_0_no_test_scenes()
    {
        Write(Small);
        var whole = KnownDatasets.LoadDense(InFolder);

        var part = KnownDatasets.LoadDense(InFolder with { Train = 2, Validation = 1 });

        Assert.Equal(Samples(whole.Train).Take(2), Samples(part.Train));
        Assert.Equal(Samples(whole.Validation).Take(1), Samples(part.Validation));
        Assert.Same(whole.Test!.Table, part.Test!.Table);
        Assert.Equal(2, part.Test.Count);
        Assert.Distinct([whole.Train.Fingerprint, part.Train.Fingerprint, part.Validation.Fingerprint]);
        Assert.Null(KnownDatasets.LoadDense(InFolder with { Test = 0 }).Test);
        Assert.Contains(
            "FashionScenes train: asked for 5 images; expected 1 to 4", Refused(InFolder with { Train = 5 }));
        Assert.Contains("asked for 0 images; expected 1 to 3", Refused(InFolder with { Validation = 0 }));
        Assert.Throws<KdException>(() => part.Train.Load(2)); // it is in the folder, and not in the part
    }

    [Fact]
    public void A_folder_without_test_scenes_has_no_such_split()
    {
        Write(Small with { Test = 0 });

        Assert.Null(KnownDatasets.LoadDense(InFolder).Test);
        Assert.Equal(0, KnownDatasets.Open(InFolder with { Train = 3 }).TestCount);
    }

    [Fact]
    public void Cityscapes_is_read_from_its_folder()
    {
        using var city = new CityFolder();

        var data = KnownDatasets.LoadDense(new DataSpec("cityscapes", Folder: city.Path));

        Assert.Equal((3, 1, 19), (data.Train.Count, data.Validation.Count, data.Train.Table.Classes.Count));
        Assert.Null(data.Test);
        Assert.Equal(2, KnownDatasets.Open(new DataSpec("cityscapes", 2, Folder: city.Path)).TrainCount);
    }

    public static TheoryData<DataSpec, string> Wrong { get; } = new()
    {
        { new("cityscapes"), "read from a folder that holds leftImg8bit and gtFine" },
        { new("cityscapes"), "`data (Cityscapes.at \"data/cityscapes\")`" },
        { new("cityscapes", Folder: "x", Size: 64), "in its own size" },
        { new("fashion-scenes", Folder: "x", Size: 64), "scenes in a folder have their size; leave out the size" },
        { new("fashion-scenes", Folder: "no-such-folder"), "the split train is empty" },
        { new("fashion-scenes", Folder: "no-such-folder"), "`kd data make fashion-scenes`" },
        { new("fashion-scenes", 0), "train is 0; expected 1 to 1000000" },
        { new("fashion-scenes", Size: 16), "size is 16; expected 32 to 1024" },
        { new("fashion-mnist-mini", Folder: "x"), "takes neither a folder nor a size; leave them out" },
        { new("fashion-mnist-mini", Size: 28), "takes neither a folder nor a size; leave them out" },
        { new("fashion-mnist-mini"), "has one class for each image, not one for each pixel" },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void What_cannot_be_opened_is_refused_with_what_to_do(DataSpec spec, string message) =>
        Assert.Contains(message, Refused(spec));

    [Fact]
    public void Scenes_are_no_images_with_one_class() => Assert.Contains(
        "Dataset 'fashion-scenes' has a class for each pixel, not one for each image",
        Assert.Throws<KdException>(() => KnownDatasets.Load(new DataSpec("fashion-scenes", 1, 1, 1, Size: 32))).Message);

    [Theory]
    [InlineData("id", "has label 200 at row 0, column 0, which is not in the table of FashionScenes")]
    [InlineData("size", "is 31x32 pixels large, its image")]
    [InlineData("image gone", "has no image: expected")]
    [InlineData("labels gone", "has no label map: expected")]
    [InlineData("no png", "is no PNG file")]
    [InlineData("empty val", "the split val is empty")]
    public void A_planted_defect_is_named_before_anything_is_trained(string defect, string message)
    {
        Write(Small);
        var file = Plant(defect);
        var recipe = new Recipe
        {
            Method = "none",
            Data = InFolder,
            Task = new SegmentationSpec(),
            Augmentation = DenseAugmentation.None,
            Student = new SegmenterSpec(Width: 4),
            BatchSize = 2,
            Device = "cpu",
        };
        var sound = recipe with { Method = "sound", Data = new("fashion-scenes", 4, 3, 2, Size: 32) };

        var error = Assert.Throws<KdException>(() => Trials.Run(root.Path, sound, recipe));

        Assert.Contains(message, error.Message);
        Assert.Contains(file, error.Message);
        Assert.False(Directory.Exists(root.File("runs")), "A run was begun before the error came.");
    }

    private DataSpec InFolder => new("fashion-scenes", Folder: root.File("scenes"));

    private void Write(FashionScenesOptions options) => FashionScenesFolder.Write(
        root.File("scenes"), options,
        context: RunContext.Default with { Cancellation = TestContext.Current.CancellationToken });

    // The file that the error is to name.
    private string Plant(string defect)
    {
        var name = FashionScenesFolder.CityscapesName(1);
        var image = root.File($"scenes/leftImg8bit/train/{name}_leftImg8bit.png");
        var labels = root.File($"scenes/gtFine/train/{name}_gtFine_labelIds.png");
        switch (defect)
        {
            case "id":
                CityFolder.Write(labels, PngSamples.Even(200, 32, 32));
                return labels;
            case "size":
                CityFolder.Write(labels, PngSamples.Even(1, 32, 31));
                return labels;
            case "no png":
                CityFolder.Write(labels, [.. "not a picture"u8]);
                return labels;
            case "image gone":
                File.Delete(image);
                return labels;
            case "labels gone":
                File.Delete(labels);
                return image;
            default:
                Directory.Delete(root.File("scenes/leftImg8bit/val"), true);
                Directory.Delete(root.File("scenes/gtFine/val"), true);
                return root.File("scenes/leftImg8bit/val");
        }
    }

    private static string Refused(DataSpec spec) =>
        Assert.Throws<KdException>(() => KnownDatasets.LoadDense(spec)).Message;

    private static IEnumerable<string> Samples(DenseSet set) => Enumerable.Range(0, set.Count).Select(set.Load)
        .Select(s => $"{s.Height}x{s.Width} {Convert.ToHexString(s.Image)} {Convert.ToHexString(s.Labels)}");
}
