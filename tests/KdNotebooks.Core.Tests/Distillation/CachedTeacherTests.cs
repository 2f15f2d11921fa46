using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Models;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Distillation;

public sealed class CachedTeacherTests : IDisposable
{
    private static readonly string[] Paths = ["body", TapSet.Output];

    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = torch.NewDisposeScope();
    private readonly Module<Tensor, Tensor> model = Tiny.Classifier(6);
    private readonly Dataset data = Tiny.Data(600); // two files on disk, five passes a view
    private readonly PaddedCrop augmentation = new(Padding: 1, Views: 2);
    private readonly LiveTeacher live;
    private int passes;

    public CachedTeacherTests()
    {
        Tiny.Train(model);
        live = new LiveTeacher(Network.Of(model), Paths, Tiny.Image);
        model.register_forward_pre_hook((_, input) =>
        {
            passes++;
            return input;
        });
    }

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Features_equal_the_live_ones_over_shuffled_batches_and_views(bool disk)
    {
        using var teacher = Cached(disk);
        Assert.Equal(live.Paths, teacher.Paths);
        Assert.Same(live.Maps, teacher.Maps);
        for (var epoch = 1; epoch <= 3; epoch++)
        {
            AssertEqualsLive(teacher, epoch);
        }

        Assert.Equal((2 * 5) + (3 * 3), passes); // two views cached, and what the comparison itself took
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Maps_are_channels_last(bool disk)
    {
        using var teacher = Cached(disk);
        var batch = Batches(1).First();
        var map = teacher.Features(batch)["body"];
        Assert.Equal([200, 6, 4, 5], map.shape);
        Assert.Equal([120, 1, 30, 6], map.stride());
    }

    [Fact]
    public void A_second_opening_of_the_disk_makes_no_pass()
    {
        Read(Cached(disk: true));
        Assert.Equal(5, passes);
        Read(Cached(disk: true));
        Assert.Equal(5, passes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_cancelled_pass_leaves_nothing_that_passes_for_whole(bool disk)
    {
        using var cancel = new CancellationTokenSource();
        using (var store = Store(disk))
        {
            var cut = new CachedTeacher(
                live, Images, store, torch.CPU, new Reporter((_, done) => Cancel(done >= 256)), cancel.Token);
            Assert.ThrowsAny<OperationCanceledException>(() => Read(cut));
            Assert.False(store.Has(0, 600));
            var tried = passes;
            AssertEqualsLive(new CachedTeacher(live, Images, store, torch.CPU), 1);
            Assert.Equal(tried + 5 + 3, passes);
        }

        AssertEqualsLive(Cached(disk), 1);

        void Cancel(bool now)
        {
            if (now)
            {
                cancel.Cancel();
            }
        }
    }

    [Fact]
    public void Whatever_is_damaged_on_disk_is_computed_again()
    {
        Read(Cached(disk: true));
        var shard = Directory.GetFiles(folder.File(""), "view-0-00001.*", SearchOption.AllDirectories).Single();
        File.WriteAllBytes(shard, File.ReadAllBytes(shard)[..^4]);
        AssertEqualsLive(Cached(disk: true), 1);
        Assert.Equal(5 + 5 + 3, passes);
    }

    // Each with a file that is sound but for its numbers: zeros, another view's, another dataset's.
    [Theory]
    [InlineData("zeroed")]
    [InlineData("of another view")]
    [InlineData("of other images")]
    public void Numbers_that_are_not_what_was_written_are_made_again(string how)
    {
        var first = Cached(disk: true);
        Batches(1).Concat(Batches(2)).ToList().ForEach(batch => first.Features(batch));

        var shard = Shard("view-0-00000");
        var bytes = File.ReadAllBytes(shard);
        var sound = bytes.ToArray();
        switch (how)
        {
            case "zeroed":
                bytes.AsSpan(bytes.Length / 2, bytes.Length / 3).Clear();
                break;
            case "of another view":
                bytes = File.ReadAllBytes(Shard("view-1-00000"));
                break;
            default:
                bytes = OfOtherImages();
                break;
        }

        Assert.NotEqual(sound, bytes);
        File.WriteAllBytes(shard, bytes);
        AssertEqualsLive(Cached(disk: true), 1);
        Assert.Equal(sound, File.ReadAllBytes(Shard("view-0-00000")));
    }

    // The key does not know it, as that of a reader's own set need not: what was made of other pixels is made again.
    [Fact]
    public void Features_of_other_pixels_are_not_served_even_under_one_key()
    {
        Read(Cached(disk: true));
        var changed = new AugmentedSet(Changed(), augmentation, 7);
        using var teacher = new CachedTeacher(live, changed, Store(disk: true), torch.CPU);
        AssertEqualsLive(teacher, 1, changed.Data);
        using var again = new CachedTeacher(live, changed, Store(disk: true), torch.CPU);
        var tried = passes;
        AssertEqualsLive(again, 1, changed.Data);
        Assert.Equal(tried + 3, passes); // what the comparison took, and nothing else
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pixels_that_change_within_a_run_stop_it_by_the_images_number(bool disk)
    {
        using var teacher = Cached(disk);
        Read(teacher);
        var other = Batches(1, Changed()).Single(batch => batch.Keys.Indices.Contains(17));
        var error = Assert.Throws<KdException>(() => teacher.Features(other));
        Assert.Contains("image 17 in view 1 has other pixels", error.Message);
    }

    [Fact]
    public void A_view_that_does_not_come_again_gives_way_to_the_next_and_equals_the_live_one()
    {
        var fresh = new PaddedCrop(Padding: 1); // a new view every pass
        var images = new AugmentedSet(data, fresh, 7);
        using var teacher = new CachedTeacher(live, images, new MemoryFeatureStore(_ => false), torch.CPU);
        var kept = new List<long>();
        for (var epoch = 1; epoch <= 5; epoch++)
        {
            using var pass = torch.NewDisposeScope();
            foreach (var batch in Batches(epoch, data, fresh))
            {
                var (cached, expected) = (teacher.Features(batch), live.Features(batch));
                Assert.All(Paths, path => Tiny.AssertClose(expected[path], cached[path]));
            }

            pass.DisposeEverything();
            kept.Add(Tiny.LiveTensors);
        }

        Assert.Single(kept.Skip(1).Distinct());
    }

    [Fact]
    public void Views_that_come_one_by_one_do_not_hold_all_their_files_open()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "open files are counted in /proc");
        var many = new PaddedCrop(Padding: 1);
        using var teacher = new CachedTeacher(live, new AugmentedSet(data, many, 7), Store(disk: true), torch.CPU);
        for (var epoch = 1; epoch <= 140; epoch++) // two files each
        {
            using var inner = torch.NewDisposeScope();
            teacher.Features(Batches(epoch, data, many).First());
        }

        Assert.InRange(Directory.GetFiles("/proc/self/fd").Count(IsOurs), 2, 256);
        var made = passes;
        teacher.Features(Batches(1, data, many).First());
        Assert.Equal(made, passes); // an early one is opened again, not made again
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_callers_scope_owns_the_features_and_reading_leaves_nothing(bool disk)
    {
        using var teacher = Cached(disk);
        var batch = Batches(1).First();
        teacher.Features(batch);
        var before = Tiny.LiveTensors;
        using (torch.NewDisposeScope())
        {
            var features = teacher.Features(batch);
            Assert.Equal(before + 2, Tiny.LiveTensors);
            Assert.All(features.Values, map => Assert.False(map.requires_grad));
        }

        Assert.Equal(before, Tiny.LiveTensors);
    }

    [Fact]
    public void The_pass_over_the_images_is_reported()
    {
        var (titles, last) = (new List<string>(), 0L);
        var reporter = new Reporter((title, done) =>
        {
            titles.Add(title);
            last = done;
        });
        Read(new CachedTeacher(live, Images, new MemoryFeatureStore(), torch.CPU, reporter));
        Assert.Equal(Enumerable.Repeat("teacher features, view 1: 600 images", 5), titles);
        Assert.Equal(600, last);
    }

    private bool IsOurs(string handle)
    {
        try
        {
            return File.ResolveLinkTarget(handle, false)?.FullName.StartsWith(folder.Path, StringComparison.Ordinal) == true;
        }
        catch (IOException)
        {
            return false; // another test's, closed meanwhile
        }
    }

    private AugmentedSet Images => new(data, augmentation, 7);

    private IFeatureStore Store(bool disk) => disk
        ? new DiskFeatureStore(folder.File(""), new FeatureKey("t", data.Train.Fingerprint, Images.Key, Paths))
        : new MemoryFeatureStore();

    private CachedTeacher Cached(bool disk) => new(live, Images, Store(disk), torch.CPU);

    private IEnumerable<Batch> Batches(int epoch) => Batches(epoch, data);

    private IEnumerable<Batch> Batches(int epoch, Dataset of, IAugmentation? augment = null) =>
        new BatchLoader(of.Train, 200, 7, augment ?? augmentation).Epoch(epoch, TestContext.Current.CancellationToken)
            .Select(batch => batch.On(data.Mean, data.Std, torch.CPU));

    // Image 17 alone is another.
    private Dataset Changed()
    {
        var set = (ImageSet)data.Train;
        var pixels = set.Pixels.ToArray();
        pixels.AsSpan(17 * set.ImageBytes, set.ImageBytes).Fill(200);
        var train = new ImageSet(set.Name, 1, set.Height, set.Width, pixels, set.Labels, set.ClassNames);
        return new Dataset(data.Name, train, data.Validation, data.Test, data.Mean, data.Std);
    }

    private string Shard(string name) =>
        Directory.GetFiles(folder.File(""), $"{name}.*", SearchOption.AllDirectories).Single();

    // A file that another cache would hold in this one's place.
    private byte[] OfOtherImages()
    {
        using var other = new TemporaryFolder();
        using var store = new DiskFeatureStore(other.Path, new FeatureKey("t", "another", Images.Key, Paths));
        Read(new CachedTeacher(live, Images, store, torch.CPU)); // which would take the live one with it
        return File.ReadAllBytes(Directory.GetFiles(other.Path, "view-0-00000.*", SearchOption.AllDirectories).Single());
    }

    private void Read(CachedTeacher teacher) => teacher.Features(Batches(1).First());

    private void AssertEqualsLive(CachedTeacher teacher, int epoch) => AssertEqualsLive(teacher, epoch, data);

    private void AssertEqualsLive(CachedTeacher teacher, int epoch, Dataset of)
    {
        foreach (var batch in Batches(epoch, of))
        {
            using var inner = torch.NewDisposeScope();
            var (cached, expected) = (teacher.Features(batch), live.Features(batch));
            Assert.All(Paths, path => Tiny.AssertClose(expected[path], cached[path]));
        }
    }
}
