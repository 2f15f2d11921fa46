using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Models;
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

    private AugmentedSet Images => new(data, augmentation, 7);

    private IFeatureStore Store(bool disk) => disk
        ? new DiskFeatureStore(folder.File(""), new FeatureKey("t", data.Train.Fingerprint, Images.Key, Paths))
        : new MemoryFeatureStore();

    private CachedTeacher Cached(bool disk) => new(live, Images, Store(disk), torch.CPU);

    private IEnumerable<Batch> Batches(int epoch) =>
        new BatchLoader(data.Train, 200, 7, augmentation).Epoch(epoch, TestContext.Current.CancellationToken)
            .Select(batch => batch.On(data.Mean, data.Std, torch.CPU));

    private void Read(CachedTeacher teacher) => teacher.Features(Batches(1).First());

    private void AssertEqualsLive(CachedTeacher teacher, int epoch)
    {
        foreach (var batch in Batches(epoch))
        {
            using var inner = torch.NewDisposeScope();
            var (cached, expected) = (teacher.Features(batch), live.Features(batch));
            Assert.All(Paths, path => Tiny.AssertClose(expected[path], cached[path]));
        }
    }
}
