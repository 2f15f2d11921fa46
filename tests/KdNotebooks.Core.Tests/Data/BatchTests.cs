using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Data;

public sealed class BatchTests
{
    private static readonly float[] Mean = [0.25f, 0.5f];
    private static readonly float[] Std = [0.5f, 0.25f];

    [Fact]
    public void Tensors_hold_the_normalized_pixels_and_the_labels()
    {
        using var scope = torch.NewDisposeScope();
        var batch = One(6, channels: 2);
        var (images, labels) = batch.ToTensors(Mean, Std, torch.CPU);
        Assert.Equal([6L, 2, 4, 5], images.shape);
        Assert.Equal(torch.ScalarType.Float32, images.dtype);
        Assert.Equal(batch.Labels, labels.data<long>().ToArray());
        var expected = batch.Pixels.Select((pixel, i) => ((pixel / 255f) - Mean[i / 20 % 2]) / Std[i / 20 % 2]);
        var came = images.contiguous().data<float>().ToArray();
        Assert.All(expected.Zip(came), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    // [N, C, H, W] = [2, C, 4, 5] with C the fastest, then W, then H.
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Images_lie_channels_last_in_memory(int channels)
    {
        using var scope = torch.NewDisposeScope();
        var (mean, std) = (new float[channels], Enumerable.Repeat(1f, channels).ToArray());
        var (images, _) = One(2, channels).ToTensors(mean, std, torch.CPU);
        Assert.Equal([20L * channels, 1, 5 * channels, channels], images.stride());
    }

    [Fact]
    public void Only_the_two_tensors_leave_the_call()
    {
        var batch = One(2, channels: 2);
        var statistics = DisposeScopeManager.Statistics;
        using var scope = torch.NewDisposeScope();
        var before = statistics.ThreadTotalLiveCount;
        batch.ToTensors(Mean, Std, torch.CPU);
        Assert.Equal(2, statistics.ThreadTotalLiveCount - before);
        scope.DisposeEverything();
        Assert.Equal(before, statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Numbers_for_other_channels_are_refused()
    {
        var error = Assert.Throws<KdException>(() => One(2, channels: 3).ToTensors(Mean, Std, torch.CPU));
        Assert.Contains("2 means and 2 standard deviations came for 3 channel(s)", error.Message);
    }

    private static Batch One(int count, int channels) =>
        BatchLoader.InOrder(Samples.Images(count, channels), count, TestContext.Current.CancellationToken).Single();
}
