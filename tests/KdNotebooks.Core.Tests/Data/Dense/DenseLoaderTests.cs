using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Data.Dense;

public sealed class DenseLoaderTests : IDisposable
{
    private static readonly Lazy<DenseSet> Scenes =
        new(() => FashionScenes.Make(new FashionScenesOptions(13, 1, 0, 32)).Train);

    private readonly CityFolder city = new();

    public void Dispose() => city.Dispose();

    [Fact]
    public void An_epoch_deals_every_sample_once_and_drops_the_last_few()
    {
        var whole = Epoch(new DenseLoader(Scenes.Value, 4, 1, dropLast: false), 2);
        Assert.Equal([4, 4, 4, 1], whole.Select(batch => batch.Count));
        Assert.Equal(EpochOrder.Of(13, 1, 2), whole.SelectMany(batch => batch.Indices));
        Assert.All(whole.SelectMany(batch => batch.Samples.Zip(batch.Indices)), pair =>
            Assert.Same(Scenes.Value.Load(pair.Second), pair.First));
        var loader = new DenseLoader(Scenes.Value, 4, 1);
        Assert.Equal(3, loader.Count);
        Assert.Equal([4, 4, 4], Epoch(loader, 1).Select(batch => batch.Count));
    }

    [Fact]
    public void Samples_are_the_augmentations_for_the_epochs_view()
    {
        var augmentation = new DenseAugmentation(24, 28, Views: 2);
        foreach (var batch in Epoch(new DenseLoader(Scenes.Value, 5, 3, augmentation, ahead: 3), 4))
        {
            Assert.Equal(1, batch.View);
            Assert.All(batch.Samples.Zip(batch.Indices), pair => Assert.Equal(
                augmentation.Apply(Scenes.Value.Load(pair.Second), 3, 1, pair.Second).Image, pair.First.Image));
        }
    }

    [Fact]
    public void In_order_every_sample_comes_unchanged()
    {
        var batches = DenseLoader.InOrder(Scenes.Value, 5, TestContext.Current.CancellationToken).ToList();
        Assert.Equal(Enumerable.Range(0, 13), batches.SelectMany(batch => batch.Indices));
        Assert.Same(Scenes.Value.Load(12), batches[2].Samples[2]);
    }

    [Fact]
    public void A_file_that_broke_meanwhile_is_named_by_its_own_error()
    {
        var set = CityscapesSet.Open(city.Path, "train", cancel: TestContext.Current.CancellationToken);
        File.WriteAllBytes(city.Image("train", "bochum", 2), [1]);
        var error = Assert.Throws<DataFileException>(() => Epoch(new DenseLoader(set, 3, 1), 1));
        Assert.Equal(city.Image("train", "bochum", 2), error.File);
    }

    [Fact]
    public void Sizes_out_of_range_are_refused()
    {
        Assert.Throws<KdException>(() => new DenseLoader(Scenes.Value, 0, 1));
        Assert.Throws<KdException>(() => new DenseLoader(Scenes.Value, 14, 1));
        Assert.Throws<KdException>(() => new DenseLoader(Scenes.Value, 2, 1, ahead: 0));
    }

    private static List<DenseBatch> Epoch(DenseLoader loader, int epoch) =>
        [.. loader.Epoch(epoch, TestContext.Current.CancellationToken)];
}
