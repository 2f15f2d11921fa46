using KdNotebooks.Datasets;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Training;

namespace KdNotebooks.Tests.Tasks;

public sealed class SegmentationSizesTests
{
    private static readonly DenseData TwoSizes = DenseSamples.Data(
        DenseSamples.Sample(1, 40, 48, 0, 1), DenseSamples.Sample(2, 36, 64, 1, 0));

    [Fact]
    public void Images_of_other_sizes_without_a_crop_are_refused_before_a_batch_is_made()
    {
        var task = new Segmentation(TwoSizes, DenseAugmentation.None);
        const string Expected = "Segmentation: training image 1 of tiny has 64x36 pixels, the first one 48x40, and one "
            + "batch has one size; take crops (`augment (Scene.crop 36 48)`).";

        Assert.Equal(Expected, Assert.Throws<KdException>(() => task.Loader(2, 1)).Message);
        Assert.Equal(
            Expected,
            Assert.Throws<KdException>(() => new Cohort(task, null, new StreamOptions(1, 2, 1), torch.CPU)).Message);
    }

    [Fact]
    public void Crops_and_batches_of_one_take_images_of_any_size()
    {
        var cancel = TestContext.Current.CancellationToken;
        var crops = new Segmentation(TwoSizes, new DenseAugmentation(32, 32));
        Assert.Equal(2, crops.Loader(2, 1).Epoch(1, cancel).Single().Count);
        Assert.Equal(2, new Segmentation(TwoSizes, DenseAugmentation.None).Loader(1, 1).Epoch(1, cancel).Count());
    }

    [Fact]
    public void A_size_is_read_without_the_image_and_is_that_of_the_image()
    {
        var cancel = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        FashionScenesFolder.Write(
            folder.File("scenes"), new FashionScenesOptions(2, 1, 0, 40),
            context: RunContext.Default with { Cancellation = cancel });
        var set = CityscapesSet.Open(folder.File("scenes"), "train", FashionScenes.Table, cancel: cancel);

        Assert.Equal((40, 40), set.SizeOf(1));
        Assert.Equal((40, 40), set.Take(1).SizeOf(0));
        Assert.Equal((40, 48), TwoSizes.Train.SizeOf(0));
    }
}
