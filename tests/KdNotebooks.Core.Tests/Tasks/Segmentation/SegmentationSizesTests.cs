using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Tasks.Segmentation;
using KdNotebooks.Training;

namespace KdNotebooks.Tests.Tasks.Segmentation;

public sealed class SegmentationSizesTests
{
    private static readonly Dataset TwoSizes = LabelMapSamples.Data(
        LabelMapSamples.Sample(1, 40, 48, 0, 1), LabelMapSamples.Sample(2, 36, 64, 1, 0));

    [Fact]
    public void Images_of_other_sizes_without_a_crop_are_refused_before_a_batch_is_made()
    {
        var task = new SegmentationTask(TwoSizes, ResizedCrop.None);
        const string Expected = "Segmentation: training image 1 of tiny has 64x36 pixels, the first one 48x40, and one "
            + "batch has one size; take crops (`augment (Scene.crop 36 48)`).";

        Assert.Equal(Expected, Assert.Throws<KdException>(() => task.RequireTrainable(2)).Message);
        Assert.Equal(
            Expected,
            Assert.Throws<KdException>(() => new Cohort(task, null, new StreamOptions(1, 2, 1), torch.CPU)).Message);
    }

    [Fact]
    public void Crops_and_batches_of_one_take_images_of_any_size()
    {
        var cancel = TestContext.Current.CancellationToken;
        var crops = new SegmentationTask(TwoSizes, new ResizedCrop(32, 32));
        crops.RequireTrainable(2);
        Assert.Equal(2, Loader(crops, 2).Epoch(1, cancel).Single().Count);
        var whole = new SegmentationTask(TwoSizes, ResizedCrop.None);
        whole.RequireTrainable(1);
        Assert.Equal(2, Loader(whole, 1).Epoch(1, cancel).Count());
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

        Assert.Equal(new ImageSize(40, 40), set.SizeOf(1));
        Assert.Equal(new ImageSize(40, 40), set.Take(1).SizeOf(0));
        Assert.Equal(new ImageSize(40, 48), TwoSizes.Train.SizeOf(0));
    }

    private static BatchLoader Loader(ITask task, int batchSize) =>
        new(task.Data.Train, batchSize, 1, task.Augmentation, dropLast: true);
}
