using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Data.Dense;

public sealed class DenseBatchTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Images_are_normalized_channels_last_and_labels_are_classes()
    {
        var (first, second) = (Sample(2, 3, 0), Sample(2, 3, 100));
        var batch = new DenseBatch([first, second], [4, 7], 0);

        var (images, labels) = batch.ToTensors([0.1f, 0.2f, 0.3f], [0.5f, 0.25f, 0.125f], torch.CPU);

        Assert.Equal([2, 3, 2, 3], images.shape);
        Assert.Equal(1, images.stride(1));
        Assert.Equal((torch.float32, torch.int64), (images.dtype, labels.dtype));
        Assert.Equal([.. first.Labels, .. second.Labels], labels.flatten().data<long>().Select(label => (byte)label));
        Assert.Equal((first.Image[4] / 255.0 - 0.1) / 0.5, images[0, 0, 1, 1].ToDouble(), 1e-6);
        Assert.Equal((second.Image[17] / 255.0 - 0.3) / 0.125, images[1, 2, 1, 2].ToDouble(), 1e-5);
    }

    [Fact]
    public void Only_the_two_tensors_are_left()
    {
        var batch = new DenseBatch([Sample(2, 3, 0)], [0], 0);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var (images, labels) = batch.ToTensors([0, 0, 0], [1, 1, 1], torch.CPU);
        Assert.Equal(before + 2, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        images.Dispose();
        labels.Dispose();
    }

    [Fact]
    public void Samples_of_different_size_are_named()
    {
        var batch = new DenseBatch([Sample(2, 3, 0), Sample(3, 3, 5)], [0, 1], 0);
        var error = Assert.Throws<KdException>(() => batch.ToTensors([0, 0, 0], [1, 1, 1], torch.CPU));
        Assert.Contains("sample 5: 3x3 pixels in a batch with sample 0 of 3x2", error.Message);
        Assert.Throws<KdException>(() => new DenseBatch([Sample(2, 3, 0)], [0], 0).ToTensors([0], [1], torch.CPU));
    }

    private static DenseSample Sample(int height, int width, int start) => new(
        $"sample {start}", height, width,
        [.. Enumerable.Range(start, 3 * height * width).Select(i => (byte)(i * 7))],
        [.. Enumerable.Range(start, height * width).Select(i => (byte)(i % 11 == 3 ? 255 : i % 11))]);
}
