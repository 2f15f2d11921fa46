using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Data;

public sealed class BatchLoaderTests
{
    private readonly ImageSet _images = Samples.Images(25, channels: 2);

    [Fact]
    public void An_epoch_holds_every_image_once_with_its_label()
    {
        var batches = new BatchLoader(_images, 8, seed: 1).Epoch(1, TestContext.Current.CancellationToken).ToArray();
        Assert.Equal([8, 8, 8, 1], batches.Select(batch => batch.Count));
        Assert.Equal(Enumerable.Range(0, 25), batches.SelectMany(batch => batch.Indices).Order());
        foreach (var batch in batches)
        {
            for (var i = 0; i < batch.Count; i++)
            {
                Assert.Equal(_images.Image(batch.Indices[i]).ToArray(), batch.Pixels.AsSpan(i * 40, 40).ToArray());
                Assert.Equal(_images.Labels.Span[batch.Indices[i]], batch.Labels[i]);
            }
        }
    }

    [Fact]
    public void The_order_is_the_epochs_and_the_last_batch_may_be_dropped()
    {
        var loader = new BatchLoader(_images, 8, seed: 3, dropLast: true);
        var batches = loader.Epoch(2, TestContext.Current.CancellationToken).ToArray();
        Assert.Equal(3, loader.Count);
        Assert.Equal(EpochOrder.Of(25, 3, 2)[..24], batches.SelectMany(batch => batch.Indices));
    }

    [Fact]
    public void Pixels_are_the_augmentations_for_the_epochs_view()
    {
        var augmentation = new Augmentation(Padding: 1, Views: 2);
        var loader = new BatchLoader(_images, 25, seed: 5, augmentation);
        var batch = loader.Epoch(4, TestContext.Current.CancellationToken).Single();
        Assert.Equal(1, batch.View);
        var expected = new byte[40];
        for (var i = 0; i < 25; i++)
        {
            augmentation.Apply(_images.Image(batch.Indices[i]), expected, 2, 4, 5, 5, view: 1, batch.Indices[i]);
            Assert.Equal(expected, batch.Pixels.AsSpan(i * 40, 40).ToArray());
        }
    }

    [Fact]
    public void Batches_depend_neither_on_how_far_ahead_nor_on_earlier_epochs()
    {
        var cancel = TestContext.Current.CancellationToken;
        BatchLoader Loader(int ahead) => new(_images, 4, seed: 1, new Augmentation(), ahead: ahead);
        var near = Loader(1);
        _ = near.Epoch(1, cancel).First();
        Assert.Equal(
            Loader(50).Epoch(3, cancel).Select(batch => Convert.ToHexString(batch.Pixels)),
            near.Epoch(3, cancel).Select(batch => Convert.ToHexString(batch.Pixels)));
    }

    [Fact]
    public void No_batch_overwrites_another()
    {
        var cancel = TestContext.Current.CancellationToken;
        var loader = new BatchLoader(_images, 4, seed: 1, new Augmentation());
        var kept = loader.Epoch(1, cancel).ToList();
        var fresh = loader.Epoch(1, cancel).Select(batch => Convert.ToHexString(batch.Pixels));
        Assert.Equal(fresh, kept.Select(batch => Convert.ToHexString(batch.Pixels)));
    }

    [Fact]
    public void Evaluation_sees_every_image_in_order_and_unchanged()
    {
        var batches = BatchLoader.InOrder(_images, 10, TestContext.Current.CancellationToken).ToArray();
        Assert.Equal(Enumerable.Range(0, 25), batches.SelectMany(batch => batch.Indices));
        Assert.Equal(_images.Pixels.ToArray(), batches.SelectMany(batch => batch.Pixels));
        Assert.All(batches, batch => Assert.Equal(0, batch.View));
    }

    [Fact]
    public void In_order_each_image_has_the_view_that_training_sees()
    {
        var (cancel, augmentation) = (TestContext.Current.CancellationToken, new Augmentation(Views: 3));
        var ordered = BatchLoader.InOrder(_images, 25, augmentation, 5, 2, cancel).Single();
        var shuffled = new BatchLoader(_images, 25, 5, augmentation).Epoch(5, cancel).Single();
        Assert.Equal((1, 1), (ordered.View, shuffled.View));
        for (var i = 0; i < 25; i++)
        {
            Assert.Equal(
                ordered.Pixels.AsSpan(shuffled.Indices[i] * 40, 40).ToArray(),
                shuffled.Pixels.AsSpan(i * 40, 40).ToArray());
        }
    }

    [Fact]
    public void Sizes_out_of_range_are_refused()
    {
        Assert.Throws<KdException>(() => new BatchLoader(_images, 0, 1));
        Assert.Throws<KdException>(() => new BatchLoader(_images, 1, 1, ahead: 0));
        Assert.Throws<KdException>(() => new BatchLoader(_images, 26, 1, dropLast: true));
        var loader = new BatchLoader(_images, 8, 1);
        Assert.Throws<KdException>(() => loader.Epoch(0, TestContext.Current.CancellationToken));
    }
}
