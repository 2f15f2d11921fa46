using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tasks.Segmentation;
using KdNotebooks.Tests.Datasets;

namespace KdNotebooks.Tests.Data;

public sealed class BatchLoaderTests : IDisposable
{
    private static readonly Lazy<SampleSet> Scenes =
        new(() => FashionScenes.Make(new FashionScenesOptions(13, 1, 0, 32)).Train);

    private readonly ImageSet _images = Samples.Images(25, channels: 2);
    private readonly CityFolder city = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => city.Dispose();

    [Fact]
    public void An_epoch_holds_every_image_once_with_its_label()
    {
        var batches = Epoch(new BatchLoader(_images, 8, seed: 1), 1);
        Assert.Equal([8, 8, 8, 1], batches.Select(batch => batch.Count));
        Assert.Equal(Enumerable.Range(0, 25), batches.SelectMany(batch => batch.Keys.Indices).Order());
        foreach (var batch in batches)
        {
            for (var i = 0; i < batch.Count; i++)
            {
                Assert.Equal(_images.Image(batch.Keys.Indices[i]).ToArray(), Image(batch, i));
                Assert.Equal(_images.Labels.Span[batch.Keys.Indices[i]], ((ClassIndex)batch.Targets[i]).Index);
            }
        }
    }

    [Fact]
    public void An_epoch_of_scenes_holds_every_one_once_with_its_label_map()
    {
        var whole = Epoch(new BatchLoader(Scenes.Value, 4, 1), 2);
        Assert.Equal([4, 4, 4, 1], whole.Select(batch => batch.Count));
        Assert.Equal(EpochOrder.Of(13, 1, 2), whole.SelectMany(batch => batch.Keys.Indices));
        foreach (var batch in whole)
        {
            for (var i = 0; i < batch.Count; i++)
            {
                var scene = Scenes.Value.Load(batch.Keys.Indices[i]);
                Assert.Equal(scene.Pixels.ToArray(), Image(batch, i));
                Assert.Same(scene.Target, batch.Targets[i]);
            }
        }

        var loader = new BatchLoader(Scenes.Value, 4, 1, dropLast: true);
        Assert.Equal(3, loader.Count);
        Assert.Equal([4, 4, 4], Epoch(loader, 1).Select(batch => batch.Count));
    }

    [Fact]
    public void The_order_is_the_epochs_and_the_last_batch_may_be_dropped()
    {
        var loader = new BatchLoader(_images, 8, seed: 3, dropLast: true);
        var batches = Epoch(loader, 2);
        Assert.Equal(3, loader.Count);
        Assert.Equal(EpochOrder.Of(25, 3, 2)[..24], batches.SelectMany(batch => batch.Keys.Indices));
    }

    [Fact]
    public void Pixels_are_the_augmentations_for_the_epochs_view()
    {
        var augmentation = new PaddedCrop(Padding: 1, Views: 2);
        var batch = Epoch(new BatchLoader(_images, 25, seed: 5, augmentation), 4).Single();
        Assert.Equal(1, batch.Keys.View);
        for (var i = 0; i < 25; i++)
        {
            var index = batch.Keys.Indices[i];
            var expected = augmentation.Apply(_images.Load(index), new Draw(5, 1, index));
            Assert.Equal(expected.Pixels.ToArray(), Image(batch, i));
        }
    }

    [Fact]
    public void Scenes_and_their_label_maps_are_the_augmentations_for_the_epochs_view()
    {
        var augmentation = new ResizedCrop(24, 28, Views: 2);
        foreach (var batch in Epoch(new BatchLoader(Scenes.Value, 5, 3, augmentation, ahead: 3), 4))
        {
            Assert.Equal(1, batch.Keys.View);
            for (var i = 0; i < batch.Count; i++)
            {
                var index = batch.Keys.Indices[i];
                var expected = augmentation.Apply(Scenes.Value.Load(index), new Draw(3, 1, index));
                Assert.Equal(expected.Pixels.ToArray(), Image(batch, i));
                Assert.Equal(LabelMap.Of(expected).Labels, ((LabelMap)batch.Targets[i]).Labels);
            }
        }
    }

    [Fact]
    public void An_augmentations_own_seed_takes_the_place_of_the_runs()
    {
        string Print(SampleSet set, IAugmentation augmentation, long seed) => string.Join(
            ";", BatchLoader.InOrder(set, 5, augmentation, seed, 2, Cancel)
                .Select(batch => Convert.ToHexString(batch.Pixels.Span)));
        foreach (var (set, augmentation, own) in new (SampleSet, IAugmentation, IAugmentation)[]
        {
            (_images, new PaddedCrop(), new PaddedCrop(Seed: 9)),
            (Scenes.Value, new ResizedCrop(24, 24), new ResizedCrop(24, 24, Seed: 9)),
            (Scenes.Value, new Chain([new PaddedCrop()]), new Chain([new PaddedCrop()], Seed: 9)),
        })
        {
            Assert.Equal(Print(set, own, 1), Print(set, own, 2));
            Assert.Equal(Print(set, augmentation, 9), Print(set, own, 1));
            Assert.NotEqual(Print(set, augmentation, 1), Print(set, own, 1));
        }
    }

    // Images in memory are written where they belong in the batch; scenes are made side by side by several threads.
    [Theory]
    [InlineData("images")]
    [InlineData("scenes")]
    [InlineData("scenes of several sizes")]
    public void Batches_depend_neither_on_how_far_ahead_nor_on_earlier_epochs(string kind)
    {
        var set = kind switch { "images" => _images, "scenes" => Scenes.Value, _ => Several() };
        IAugmentation augmentation = kind == "scenes"
            ? new Chain([new ResizedCrop(24, 24), new PaddedCrop()])
            : new PaddedCrop();
        BatchLoader Loader(int ahead) => new(set, 4, seed: 1, augmentation, ahead: ahead);
        List<string> Prints(BatchLoader loader) => [.. Epoch(loader, 3).Select(Print)];
        var near = Loader(1);
        _ = near.Epoch(1, Cancel).First();
        var expected = Prints(Loader(50));
        Assert.Equal(expected, Prints(near));
        Assert.Equal(expected, Prints(Loader(3)));
        Assert.NotEqual(expected, [.. Epoch(near, 2).Select(Print)]);
    }

    // From before the data path was rewritten; every stored result depends on it.
    [Fact]
    public void What_an_epoch_holds_never_changes()
    {
        var small = Epoch(new BatchLoader(_images, 8, seed: 42, new PaddedCrop(), dropLast: true), 3);
        var scenes = Epoch(new BatchLoader(Scenes.Value, 4, seed: 42, new ResizedCrop(24, 24), dropLast: true), 3);
        string Of(List<PixelBatch> batches) => Sha256.OfText(string.Join(';', batches.Select(Print)));
        Assert.Equal(
            (
                "e3ba831773c1441997ae4a6d7808103fb444f605e28263e05baf7e32417c116a",
                "3a37e9587347c020ca7498d6ac7f824fde01ae84b474f0067bd52ce077d39372"),
            (Of(small), Of(scenes)));
    }

    [Fact]
    public void No_batch_overwrites_another()
    {
        var loader = new BatchLoader(_images, 4, seed: 1, new PaddedCrop());
        var kept = Epoch(loader, 1);
        var fresh = loader.Epoch(1, Cancel).Select(Print);
        Assert.Equal(fresh, kept.Select(Print));
    }

    [Fact]
    public void In_order_every_image_comes_once_and_unchanged()
    {
        var batches = BatchLoader.InOrder(_images, 10, Cancel).ToArray();
        Assert.Equal(Enumerable.Range(0, 25), batches.SelectMany(batch => batch.Keys.Indices));
        Assert.Equal(_images.Pixels.ToArray(), batches.SelectMany(batch => batch.Pixels.ToArray()));
        Assert.All(batches, batch => Assert.Equal(0, batch.Keys.View));
        var scenes = BatchLoader.InOrder(Scenes.Value, 5, Cancel).ToList();
        Assert.Equal(Enumerable.Range(0, 13), scenes.SelectMany(batch => batch.Keys.Indices));
        Assert.Same(Scenes.Value.Load(12).Target, scenes[2].Targets[2]);
    }

    [Fact]
    public void In_order_each_image_has_the_view_that_training_sees()
    {
        var augmentation = new PaddedCrop(Views: 3);
        var ordered = BatchLoader.InOrder(_images, 25, augmentation, 5, 2, Cancel).Single();
        var shuffled = Epoch(new BatchLoader(_images, 25, 5, augmentation), 5).Single();
        Assert.Equal((1, 1), (ordered.Keys.View, shuffled.Keys.View));
        for (var i = 0; i < 25; i++)
        {
            Assert.Equal(Image(ordered, shuffled.Keys.Indices[i]), Image(shuffled, i));
        }
    }

    [Fact]
    public void Unchanged_joins_neighbors_of_one_size_within_the_limits()
    {
        // Twelve pixels, five times; twenty; twelve again.
        var set = new Sized((3, 4), (3, 4), (3, 4), (3, 4), (3, 4), (4, 5), (3, 4));
        Assert.Equal(["0 1 2 3 4", "5", "6"], Groups(set, new EvaluationLimits(100)));
        Assert.Equal(["0 1", "2 3", "4", "5", "6"], Groups(set, new EvaluationLimits(2)));
        Assert.Equal(["0 1 2", "3 4", "5", "6"], Groups(set, new EvaluationLimits(100, 36)));
        Assert.Equal(["0 1", "2 3", "4", "5", "6"], Groups(set, new EvaluationLimits(100, 35)));
        // A single image may have more.
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6"], Groups(set, new EvaluationLimits(100, 11)));
        Assert.Equal(["6 4", "5", "0"], Groups(set, new EvaluationLimits(100), [6, 4, 5, 0]));
        // One column more, as many pixels: another size.
        Assert.Equal(["0", "1"], Groups(new Sized((3, 4), (4, 3)), new EvaluationLimits(100)));
    }

    [Fact]
    public void Unchanged_reads_each_image_once_and_pads_none()
    {
        var set = new Sized((3, 4), (3, 4), (4, 5), (3, 4));
        var batches = BatchLoader.Unchanged(set, new EvaluationLimits(8), cancel: Cancel).ToList();
        Assert.Equal([0, 1, 2, 3], set.Loaded.Order());
        Assert.All(batches, batch => Assert.All(batch.Sizes, size => Assert.Equal(batch.Size, size)));
        Assert.All(batches, batch => Assert.Equal(0, batch.Keys.View));
        Assert.Equal(
            Enumerable.Range(0, 4).SelectMany(i => set.Load(i).Pixels.ToArray()),
            batches.SelectMany(batch => batch.Pixels.ToArray()));
    }

    [Fact]
    public void Unchanged_reads_files_as_they_are_asked_for()
    {
        var set = new Sized([.. Enumerable.Repeat((3, 4), 100)]);
        foreach (var _ in BatchLoader.Unchanged(set, new EvaluationLimits(5), cancel: Cancel).Take(2))
        {
            // Just the first two.
        }

        Assert.InRange(set.Loaded.Count, 10, 30); // two that were read, two that wait, and one or two in the making
    }

    [Fact]
    public void A_file_that_broke_meanwhile_is_named_by_its_own_error()
    {
        var set = CityscapesSet.Open(city.Path, "train", cancel: Cancel);
        File.WriteAllBytes(city.Image("train", "bochum", 2), [1]);
        var error = Assert.Throws<DataFileException>(() => Epoch(new BatchLoader(set, 3, 1), 1));
        Assert.Equal(city.Image("train", "bochum", 2), error.File);
    }

    [Fact]
    public void An_image_of_another_size_than_its_set_says_is_named()
    {
        var set = new Sized((3, 4), (4, 4)) { Claimed = new ImageSize(3, 4) };
        var error = Assert.Throws<KdException>(() => Epoch(new BatchLoader(set, 2, 1), 1));
        Assert.Contains("image 1: 3 x 4x4 pixels, where every image of sized should have 3 x 4x3", error.Message);
    }

    [Fact]
    public void Sizes_out_of_range_are_refused()
    {
        Assert.Throws<KdException>(() => new BatchLoader(_images, 0, 1));
        Assert.Throws<KdException>(() => new BatchLoader(_images, 1, 1, ahead: 0));
        Assert.Throws<KdException>(() => new BatchLoader(_images, 26, 1, dropLast: true));
        Assert.Throws<KdException>(() => new BatchLoader(Scenes.Value, 14, 1, dropLast: true));
        var loader = new BatchLoader(_images, 8, 1);
        Assert.Throws<KdException>(() => loader.Epoch(0, Cancel));
    }

    private static List<PixelBatch> Epoch(BatchLoader loader, int epoch) => [.. loader.Epoch(epoch, Cancel)];

    private static IEnumerable<string> Groups(SampleSet set, EvaluationLimits limits, int[]? indices = null) =>
        BatchLoader.Unchanged(set, limits, indices, Cancel).Select(batch => string.Join(' ', batch.Keys.Indices));

    // Where every image has the batch's size.
    private static byte[] Image(PixelBatch batch, int i) =>
        batch.Pixels.ToArray().Chunk(batch.Pixels.Length / batch.Count).ElementAt(i);

    private static string Print(PixelBatch batch) => Convert.ToHexString(batch.Pixels.Span) + string.Concat(
        batch.Targets.Select(target => target is LabelMap map
            ? Convert.ToHexString(map.Labels)
            : $" {((ClassIndex)target).Index}"));

    private static Sized Several() => new((3, 4), (3, 4), (4, 5), (3, 4), (2, 7), (3, 4), (3, 4), (4, 5), (6, 6));

    /// <summary>Color images of given sizes, which notes what is read.</summary>
    private sealed class Sized(params (int Height, int Width)[] sizes) : SampleSet("sized", sizes.Length)
    {
        private readonly List<int> loaded = [];

        public IReadOnlyList<int> Loaded => loaded;

        public ImageSize? Claimed { get; init; }

        public override ImageSize? OneSize => Claimed;

        public override IReadOnlyList<string> ClassNames => Samples.Classes;

        public override string Fingerprint => new('0', 64);

        public override ImageSize SizeOf(int index) => new(sizes[index].Height, sizes[index].Width);

        public override Sample Load(int index)
        {
            lock (loaded)
            {
                loaded.Add(index);
            }

            var (height, width) = sizes[index];
            var pixels = Enumerable.Range(0, 3 * height * width).Select(i => (byte)((i * 7) + index)).ToArray();
            return new Sample($"image {index}", 3, new ImageSize(height, width), pixels, new ClassIndex(index % 3));
        }
    }
}
