using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Models;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tasks.Segmentation;
using KdNotebooks.Tests.Data;
using KdNotebooks.Tests.Data.Formats;
using KdNotebooks.Tests.Runs;
using KdNotebooks.Tests.Tasks.Segmentation;

namespace KdNotebooks.Tests.Datasets;

/// <summary>Labels that nobody can learn from are said before anything is trained.</summary>
public sealed class UnlabeledTests : IDisposable
{
    private readonly CityFolder city = new();

    public void Dispose() => city.Dispose();

    [Theory]
    [InlineData("train")]
    [InlineData("val")]
    public void A_split_without_a_trained_class_is_refused_with_the_ids_that_are_there(string split)
    {
        Ignore(split, [0, 4, 5, 6, 29, 30]);
        var error = Assert.Throws<KdException>(() => KnownDatasets.Open(new DataSpec("cityscapes", Folder: city.Path)));
        Assert.Contains($"Cityscapes {split} in {city.Path}", error.Message);
        Assert.Contains(Path.Combine(city.Path, "gtFine", split), error.Message);
        Assert.Contains(
            "no pixel of the label maps has a trained class: they hold the ids 0, 4 to 6, 29 to 30 alone", error.Message);
        Assert.Contains("it trains 7 to 8, 11 to 13, 17, 19 to 28, 31 to 33", error.Message);
        Assert.Contains("labelIds, not labelTrainIds", error.Message);
    }

    [Fact]
    public void A_check_says_it_too_and_of_a_test_split_that_it_is_so()
    {
        Ignore("train", [1, 2, 3, 9, 10, 14]);
        city.Add("test", "berlin", 5, 3);
        var findings = DenseCheck.Cityscapes(
            city.Path, RunContext.Default with { Cancellation = TestContext.Current.CancellationToken });
        Assert.Equal([false, true, true], findings.Select(finding => finding.Sound));
        Assert.Contains("they hold the ids 1 to 3, 9 to 10, 14 alone", findings[0].Message);
        Assert.StartsWith("1 images with their label maps, all labeled pixels of one class (bicycle)", findings[1].Message);
        Assert.StartsWith("1 images; no pixel of their label maps has a trained class", findings[2].Message);
    }

    [Fact]
    public void Another_table_may_train_these_ids()
    {
        Ignore("train", [0, 1, 2, 0, 1, 2]);
        Ignore("val", [0, 1, 2, 0, 1, 2]);
        var table = new LabelTable("farm", new LabelRow(0, "soil", 0, 0), new(1, "crop", 1, 0), new(2, "weed", 2, 0));
        var data = CityscapesSet.OpenData(city.Path, table, cancel: TestContext.Current.CancellationToken);
        new SegmentationTask(data, ResizedCrop.None).RequireTrainable(1);
    }

    [Fact]
    public void An_experiment_is_refused_before_a_run_begins()
    {
        Ignore("val", [0, 0, 0, 0, 0, 0]);
        var recipe = Trials.Alone() with
        {
            Data = new DataSpec("cityscapes", Folder: city.Path),
            Task = new SegmentationSpec(),
            Augmentation = ResizedCrop.None,
            Student = new SegmenterSpec(Width: 4),
            BatchSize = 2,
        };
        var output = Path.Combine(city.Path, "out");
        Assert.Contains("a trained class", Assert.Throws<KdException>(() => Trials.Run(output, recipe)).Message);
        Assert.False(Directory.Exists(Path.Combine(output, "runs")));
    }

    // Of sets in memory, or a part of a set, the ids are not known any more.
    [Theory]
    [InlineData(0, "training")]
    [InlineData(1, "validation")]
    [InlineData(2, "test")]
    public void A_set_of_which_every_pixel_is_ignored_is_refused(int empty, string name)
    {
        var sets = Enumerable.Range(0, 3).Select(k => LabelMapSet.Of(
            $"set {k}", Table,
            [.. Enumerable.Range(0, 2).Select(i => LabelMapSamples.Sample(
                i, 4, 4, k == empty ? LabelTable.Ignored : (byte)i, LabelTable.Ignored))])).ToList();
        var data = new Dataset("x", sets[0], sets[1], sets[2], [0, 0, 0], [1, 1, 1]);
        var task = new SegmentationTask(data, ResizedCrop.None);
        Assert.Contains(
            $"no pixel of the 2 {name} label map(s) of x has a class: all are 255",
            Assert.Throws<KdException>(() => task.RequireTrainable(1)).Message);
    }

    [Fact]
    public void One_class_alone_is_said_and_not_refused()
    {
        var sets = Enumerable.Range(0, 2).Select(k => LabelMapSet.Of(
            $"set {k}", Table, [LabelMapSamples.Sample(k, 4, 4, 1, 255)])).ToList();
        var task = new SegmentationTask(new Dataset("x", sets[0], sets[1], null, [0, 0, 0], [1, 1, 1]), ResizedCrop.None);
        task.RequireTrainable(1);
        Assert.Equal(
            [
                "Segmentation: every labeled pixel of the training images of x is of one class, b.",
                "Segmentation: every labeled pixel of the validation images of x is of one class, b.",
            ],
            task.Remarks());
        Assert.Contains("all others are b", task.Summarize(TestContext.Current.CancellationToken).Notes[0]);
    }

    [Fact]
    public void It_is_said_once_before_training_whatever_the_number_of_seeds()
    {
        var said = new List<string>();
        KnownDatasets.Register(
            "one-class",
            new Dataset("one-class", new Own([1, 1, 1, 1], true), new Own([0, 1], true), new Own([2], true), [0], [1]));
        var recipe = Trials.Alone() with
        {
            Data = new DataSpec("one-class"),
            BatchSize = 2,
            Epochs = 1,
            Augmentation = PaddedCrop.None,
        };
        using var folder = new TemporaryFolder();
        var context = new RunContext(ProgressReporter.Silent, folder.Path, TestContext.Current.CancellationToken)
        {
            Notice = said.Add,
        };
        KdNotebooks.Runs.Experiment.Run([recipe, recipe with { Seed = 2 }], context);
        Assert.Equal(
            [
                "Classification: every training image of one-class is of one class, b.",
                "Classification: every test image of one-class is of one class, c.",
            ],
            said);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void A_class_out_of_range_is_refused(int wrong)
    {
        var (sound, broken) = (new Own([0, 1, 2], true), new Own([0, wrong, 1], true));
        var task = new ClassificationTask(new Dataset("x", sound, broken, null, [0], [1]), PaddedCrop.None);
        Assert.Equal(
            $"Classification: image 1 of own has the class {wrong}; the 3 classes of x are 0 to 2.",
            Assert.Throws<KdException>(() => task.RequireTrainable(1)).Message);
    }

    // What is read as it is asked for is not read twice: it is said by the batch.
    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void A_class_out_of_range_of_a_set_in_files_is_refused_by_the_loss_and_the_meter(int wrong)
    {
        using var scope = torch.NewDisposeScope();
        var broken = new Own([0, wrong, 1], false);
        var task = new ClassificationTask(new Dataset("x", broken, broken, null, [0], [1]), PaddedCrop.None);
        task.RequireTrainable(1);
        var targets = broken.Load(0).Target.Collate(
            [.. Enumerable.Range(0, 3).Select(i => broken.Load(i).Target)], new ImageSize(1, 1), torch.CPU);
        var error = Assert.Throws<KdException>(
            () => task.Loss(new ModelOutput(torch.zeros(3, 3)), (ClassTargets)targets));
        Assert.Equal(
            $"Classification: an image of a batch has the class {wrong}; the 3 classes of x are 0 to 2.", error.Message);
        var batch = new Batch(
            torch.zeros(3, 1, 1, 1), [.. Enumerable.Repeat(new ImageSize(1, 1), 3)], targets,
            new KdNotebooks.Data.SampleKeys(new int[3], 0));
        Assert.Throws<KdException>(() => task.NewMeter().Add(new ModelOutput(torch.zeros(3, 3)), batch));
    }

    [Fact]
    public void A_set_without_images_is_refused() =>
        Assert.Contains("the set is empty", Assert.Throws<KdException>(() => new Own([], true)).Message);

    private static LabelTable Table => new("t", new LabelRow(0, "a", 0, 0), new LabelRow(1, "b", 1, 0));

    // Six ids in each row of every label map.
    private void Ignore(string split, byte[] ids)
    {
        var place = Path.Combine(city.Path, "gtFine", split);
        foreach (var file in Directory.GetFiles(place, "*", SearchOption.AllDirectories))
        {
            CityFolder.Write(file, PngSamples.Build(6, [ids, ids, ids, ids], 8, 0));
        }
    }

    private sealed class Own(int[] classes, bool inMemory) : SampleSet("own", classes.Length)
    {
        public override int Channels => 1;

        public override IReadOnlyList<string> ClassNames => Samples.Classes;

        public override string Fingerprint => new('0', 64);

        public override bool IsInMemory => inMemory;

        public override Sample Load(int index) =>
            new("own", 1, new ImageSize(16, 16), new byte[256], new ClassIndex(classes[index]));
    }
}
