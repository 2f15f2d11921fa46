using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Tests.Datasets;

public sealed class KnownDatasetsTests : IDisposable
{
    private static readonly FashionScenesOptions Small = new(4, 3, 2, 32);

    private readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    [Fact]
    public void Without_numbers_it_is_the_whole_set() =>
        Assert.Same(FashionMnist.Mini(), KnownDatasets.Open(new DataSpec("fashion-mnist-mini")));

    [Fact]
    public void A_number_takes_the_first_images_of_its_split_and_all_of_the_others()
    {
        var data = KnownDatasets.Open(new DataSpec("fashion-mnist-mini", Validation: 7));

        Assert.Equal((5000, 7, 5000), (data.Train.Count, data.Validation.Count, data.Test!.Count));
        Assert.Equal(FashionMnist.Mini().Validation.Take(7).Fingerprint, data.Validation.Fingerprint);
        Assert.NotEqual(FashionMnist.Mini().Fingerprint, data.Fingerprint);
    }

    [Theory]
    [InlineData("fashion-mnist-mimi", "nearest is 'fashion-mnist-mini'")]
    [InlineData("", "Known: fashion-mnist-mini, fashion-mnist, fashion-scenes, fashion-things, cifar-10, cifar-100, cityscapes, coco, image-folder, imagenet, idx.")]
    public void A_name_that_is_not_known_is_refused_with_the_nearest(string name, string message) =>
        Assert.Contains(message, Assert.Throws<KdException>(() => KnownDatasets.Open(new DataSpec(name))).Message);

    [Fact]
    public void Images_in_folders_of_their_classes_are_read_as_the_spec_says()
    {
        FashionFolder.Write(root.File("f"), new FashionFolderOptions(30, 20, 10));
        var spec = new DataSpec("image-folder").At(root.File("f")).Sized(24, 32);

        var data = KnownDatasets.Open(spec.Taking(20, null, 10));

        Assert.Equal((20, 20, 10), (data.Train.Count, data.Validation.Count, data.Test!.Count));
        Assert.Equal(new KdNotebooks.Data.ImageSize(24, 24), data.Train.OneSize);
        Assert.Contains("name the folder", Assert.Throws<KdException>(() => KnownDatasets.Open(new DataSpec("imagenet"))).Message);
        Assert.Contains("holdOut", Assert.Throws<KdException>(() => KnownDatasets.Open(new DataSpec("idx").HoldingOut(0.1))).Message);
    }

    [Fact]
    public void Scenes_are_made_in_memory_as_many_and_as_large_as_asked()
    {
        var data = KnownDatasets.Open(new DataSpec("fashion-scenes", 4, 3, 2, Size: 32));

        Assert.Equal(FashionScenes.Make(Small).Fingerprint, data.Fingerprint);
        Assert.Equal((4, 3, 2), (data.Train.Count, data.Validation.Count, data.Test!.Count));
        Assert.Null(KnownDatasets.Open(new DataSpec("fashion-scenes", 4, 3, 0, Size: 32)).Test);
    }

    [Fact]
    public void A_folder_holds_the_very_same_scenes()
    {
        Write(Small);

        var (written, made) = (KnownDatasets.Open(InFolder), FashionScenes.Make(Small));

        Assert.Equal(made.Mean, written.Mean);
        Assert.Equal(made.Std, written.Std);
        foreach (var split in new[] { "train", "validation", "test" })
        {
            var (there, here) = (written.SplitNamed(split), made.SplitNamed(split));
            Assert.Same(LabelMapSet.TableOf(here), LabelMapSet.TableOf(there));
            Assert.Equal(Samples(here), Samples(there));
        }
    }

    [Fact]
    public void A_number_takes_the_first_scenes_of_a_folder_and_0_no_test_scenes()
    {
        Write(Small);
        var whole = KnownDatasets.Open(InFolder);

        var part = KnownDatasets.Open(InFolder with { Train = 2, Validation = 1 });

        Assert.Equal(Samples(whole.Train).Take(2), Samples(part.Train));
        Assert.Equal(Samples(whole.Validation).Take(1), Samples(part.Validation));
        Assert.Same(LabelMapSet.TableOf(whole.Test!), LabelMapSet.TableOf(part.Test!));
        Assert.Equal(2, part.Test!.Count);
        Assert.Distinct([whole.Train.Fingerprint, part.Train.Fingerprint, part.Validation.Fingerprint]);
        Assert.Null(KnownDatasets.Open(InFolder with { Test = 0 }).Test);
        Assert.Contains(
            "FashionScenes train: asked for 5 images; expected 1 to 4", Refused(InFolder with { Train = 5 }));
        Assert.Contains("asked for 0 images; expected 1 to 3", Refused(InFolder with { Validation = 0 }));
        Assert.Throws<KdException>(() => part.Train.Load(2)); // it is in the folder, and not in the part
    }

    [Fact]
    public void A_folder_without_test_scenes_has_no_such_split()
    {
        Write(Small with { Test = 0 });

        Assert.Null(KnownDatasets.Open(InFolder).Test);
        Assert.Null(KnownDatasets.Open(InFolder with { Train = 3 }).Test);
    }

    [Fact]
    public void Cityscapes_is_read_from_its_folder()
    {
        using var city = new CityFolder();

        var data = KnownDatasets.Open(new DataSpec("cityscapes", Folder: city.Path));

        Assert.Equal((3, 1, 19), (data.Train.Count, data.Validation.Count, data.ClassNames.Count));
        Assert.Null(data.Test);
        Assert.Equal(2, KnownDatasets.Open(new DataSpec("cityscapes", 2, Folder: city.Path)).Train.Count);
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
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void What_cannot_be_opened_is_refused_with_what_to_do(DataSpec spec, string message) =>
        Assert.Contains(message, Refused(spec));

    private DataSpec InFolder => new("fashion-scenes", Folder: root.File("scenes"));

    private void Write(FashionScenesOptions options) => FashionScenesFolder.Write(
        root.File("scenes"), options,
        context: RunContext.Default with { Cancellation = TestContext.Current.CancellationToken });

    private static string Refused(DataSpec spec) =>
        Assert.Throws<KdException>(() => KnownDatasets.Open(spec)).Message;

    private static IEnumerable<string> Samples(SampleSet set) => Enumerable.Range(0, set.Count).Select(set.Load)
        .Select(s => $"{s.Height}x{s.Width} {Convert.ToHexString(s.Pixels.Span)} "
            + $"{Convert.ToHexString(LabelMap.Of(s).Labels)}");
}
