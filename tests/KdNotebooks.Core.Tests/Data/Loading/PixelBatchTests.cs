using KdNotebooks.Data;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Tests.Data;

public sealed class PixelBatchTests : IDisposable
{
    private static readonly float[] Mean = [0.25f, 0.5f];
    private static readonly float[] Std = [0.5f, 0.25f];

    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Tensors_hold_the_normalized_pixels_and_the_labels()
    {
        var pixels = One(6, channels: 2);
        var batch = pixels.On(Mean, Std, torch.CPU);
        Assert.Equal([6L, 2, 4, 5], batch.Images.shape);
        Assert.Equal(torch.ScalarType.Float32, batch.Images.dtype);
        Assert.Equal(
            pixels.Targets.Select(target => (long)((ClassIndex)target).Index),
            Assert.IsType<ClassTargets>(batch.Targets).Labels.data<long>().ToArray());
        var expected = pixels.Pixels.ToArray().Select(
            (pixel, i) => ((pixel / 255f) - Mean[i / 20 % 2]) / Std[i / 20 % 2]);
        var came = batch.Images.contiguous().data<float>().ToArray();
        Assert.All(expected.Zip(came), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        Assert.Equal((6, 6), (batch.Count, batch.Targets.Count));
        Assert.Same(pixels.Keys, batch.Keys);
        Assert.Equal([0, 1, 2, 3, 4, 5], batch.Keys.Indices);
    }

    [Fact]
    public void Images_are_normalized_channels_last_and_label_maps_are_classes()
    {
        var (first, second) = (Scene(2, 3, 0), Scene(2, 3, 100));
        var batch = PixelBatch.Of([first, second], new SampleKeys([4, 7], 0))
            .On([0.1f, 0.2f, 0.3f], [0.5f, 0.25f, 0.125f], torch.CPU);

        var (images, labels) = (batch.Images, Assert.IsType<LabelMaps>(batch.Targets).Labels);
        Assert.Equal([2, 3, 2, 3], images.shape);
        Assert.Equal(1, images.stride(1));
        Assert.Equal((torch.float32, torch.int64), (images.dtype, labels.dtype));
        Assert.Equal([2, 2, 3], labels.shape);
        Assert.Equal(
            [.. LabelMap.Of(first).Labels, .. LabelMap.Of(second).Labels],
            labels.flatten().data<long>().Select(label => (byte)label));
        Assert.Equal((first.Pixels.Span[4] / 255.0 - 0.1) / 0.5, images[0, 0, 1, 1].ToDouble(), 1e-6);
        Assert.Equal((second.Pixels.Span[17] / 255.0 - 0.3) / 0.125, images[1, 2, 1, 2].ToDouble(), 1e-5);
        Assert.Equal([new ImageSize(2, 3), new ImageSize(2, 3)], batch.Sizes);
    }

    [Fact]
    public void An_image_has_one_print_whatever_it_is_padded_to_and_another_with_any_other_pixel_or_shape()
    {
        var (small, large) = (Plain(new(2, 3), 1), Plain(new(4, 5), 2));
        var alone = PixelBatch.Of([small], new SampleKeys([0], 0)).Prints();
        var both = PixelBatch.Of([large, small], new SampleKeys([0, 1], 0)).Prints();
        Assert.Equal(alone[0], both[1]);
        Assert.NotEqual(both[0], both[1]);
        var pixels = small.Pixels.ToArray();
        pixels[^1]++;
        Sample[] others =
        [
            new(small.Name, small.Channels, small.Size, pixels, small.Target),
            new(small.Name, small.Channels, new(3, 2), small.Pixels, small.Target),
        ];
        Assert.Distinct(alone.Concat(others.Select(other => PixelBatch.Of([other], new SampleKeys([0], 0)).Prints()[0])));
        Assert.Equal(both, PixelBatch.Of([large, small], new SampleKeys([0, 1], 0)).On(Mean, Std, torch.CPU).Prints!());
    }

    // [N, C, H, W] = [2, C, 4, 5] with C the fastest, then W, then H.
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Images_lie_channels_last_in_memory(int channels)
    {
        var (mean, std) = (new float[channels], Enumerable.Repeat(1f, channels).ToArray());
        var images = One(2, channels).On(mean, std, torch.CPU).Images;
        Assert.Equal([20L * channels, 1, 5 * channels, channels], images.stride());
    }

    // Padding is 0 after normalization: where an image ends nothing begins, whatever the mean.
    [Fact]
    public void Smaller_images_are_padded_with_0_at_the_right_and_the_bottom_and_keep_their_sizes()
    {
        ImageSize[] sizes = [new(2, 3), new(4, 2), new(4, 5), new(1, 5)];
        Sample[] samples = [.. sizes.Select((size, i) => Plain(size, i))];

        var pixels = PixelBatch.Of(samples, new SampleKeys([0, 1, 2, 3], 0));
        var batch = pixels.On(Mean, Std, torch.CPU);

        Assert.Equal(new ImageSize(4, 5), pixels.Size);
        Assert.Equal(sizes, pixels.Sizes);
        Assert.Equal(sizes, batch.Sizes);
        Assert.Equal([4L, 2, 4, 5], batch.Images.shape);
        Assert.Equal([2L * 20, 1, 2 * 5, 2], batch.Images.stride());
        var came = batch.Images.contiguous().data<float>().ToArray();
        for (var i = 0; i < came.Length; i++)
        {
            var (image, channel, y, x) = (i / 40, i / 20 % 2, i / 5 % 4, i % 5);
            var size = sizes[image];
            var within = y < size.Height && x < size.Width;
            var pixel = within
                ? samples[image].Pixels.Span[(channel * size.Height * size.Width) + (y * size.Width) + x]
                : (byte)0;
            Assert.Equal(within ? ((pixel / 255f) - Mean[channel]) / Std[channel] : 0, came[i], 1e-6f);
            Assert.Equal(pixel, pixels.Pixels.Span[i]);
        }
    }

    [Fact]
    public void An_image_alone_is_what_it_is_in_a_padded_batch()
    {
        var (small, large) = (Plain(new(2, 3), 1), Plain(new(4, 5), 2));
        var alone = PixelBatch.Of([small], new SampleKeys([0], 0)).On(Mean, Std, torch.CPU).Images;
        var both = PixelBatch.Of([small, large], new SampleKeys([0, 1], 0)).On(Mean, Std, torch.CPU).Images;
        TensorAssert.Same(alone[0], both[0].narrow(1, 0, 2).narrow(2, 0, 3));
    }

    [Fact]
    public void Only_images_and_targets_leave_the_call()
    {
        PixelBatch[] batches =
        [
            One(2, channels: 2),
            PixelBatch.Of([Plain(new(2, 3), 1), Plain(new(4, 5), 2)], new SampleKeys([0, 1], 0)),
        ];
        foreach (var pixels in batches)
        {
            var statistics = DisposeScopeManager.Statistics;
            using var inner = torch.NewDisposeScope();
            var before = statistics.ThreadTotalLiveCount;
            pixels.On(Mean, Std, torch.CPU);
            Assert.Equal(2, statistics.ThreadTotalLiveCount - before);
            inner.DisposeEverything();
            Assert.Equal(before, statistics.ThreadTotalLiveCount);
        }
    }

    [Fact]
    public void Of_label_maps_too_only_two_tensors_are_left()
    {
        var pixels = PixelBatch.Of([Scene(2, 3, 0)], new SampleKeys([0], 0));
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var batch = pixels.On([0, 0, 0], [1, 1, 1], torch.CPU);
        Assert.Equal(before + 2, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        batch.Images.Dispose();
        ((LabelMaps)batch.Targets).Labels.Dispose();
    }

    // Images may be padded; a label map has no room beside it that is neither learned from nor counted.
    [Fact]
    public void Label_maps_of_different_size_are_refused()
    {
        var pixels = PixelBatch.Of([Scene(2, 3, 0), Scene(3, 2, 5)], new SampleKeys([0, 1], 0));
        var error = Assert.Throws<KdException>(() => pixels.On([0, 0, 0], [1, 1, 1], torch.CPU));
        Assert.Contains("a label map of 6 pixels in a batch of 3x3", error.Message);
    }

    [Fact]
    public void Numbers_for_other_channels_are_refused()
    {
        var error = Assert.Throws<KdException>(() => One(2, channels: 3).On(Mean, Std, torch.CPU));
        Assert.Contains("2 means and 2 standard deviations came for 3 channel(s)", error.Message);
        Assert.Throws<KdException>(
            () => PixelBatch.Of([Scene(2, 3, 0)], new SampleKeys([0], 0)).On([0], [1], torch.CPU));
    }

    [Fact]
    public void Images_of_other_channels_are_named()
    {
        var error = Assert.Throws<KdException>(
            () => PixelBatch.Of([Plain(new(2, 3), 1), Scene(2, 3, 7)], new SampleKeys([0, 1], 0)));
        Assert.Contains("sample 7: an image of 3 channels in a batch with plain 1 of 2", error.Message);
    }

    private static PixelBatch One(int count, int channels) =>
        BatchLoader.InOrder(Samples.Images(count, channels), count, TestContext.Current.CancellationToken).Single();

    // Two channels; no pixel is 0.
    private static Sample Plain(ImageSize size, int seed) => new(
        $"plain {seed}", 2, size,
        Enumerable.Range(0, 2 * (int)size.Pixels).Select(i => (byte)(1 + (((i * 11) + (seed * 29)) % 255))).ToArray(),
        new ClassIndex(seed));

    private static Sample Scene(int height, int width, int start) => LabelMap.Sample(
        $"sample {start}", height, width,
        Enumerable.Range(start, 3 * height * width).Select(i => (byte)(i * 7)).ToArray(),
        [.. Enumerable.Range(start, height * width).Select(i => (byte)(i % 11 == 3 ? 255 : i % 11))]);
}
