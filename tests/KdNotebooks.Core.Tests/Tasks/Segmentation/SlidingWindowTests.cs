using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Tests.Tasks.Segmentation;

public sealed class SlidingWindowTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Windows_cover_every_pixel_and_the_last_ends_with_the_image()
    {
        for (var image = 1; image <= 17; image++)
        {
            for (var window = 1; window <= 19; window++)
            {
                for (var step = 1; step <= window; step++)
                {
                    RequireCover(image, SlidingWindow.Places(image, window, step).ToList(), window, step);
                }
            }
        }
    }

    [Fact]
    public void The_published_windows_of_Cityscapes_stand_where_mmsegmentation_puts_them()
    {
        // image 1024x2048, crop 769x769, stride 513x513: configs of mmsegmentation for 769x769 crops
        Assert.Equal([0, 255], SlidingWindow.Places(1024, 769, 513).Select(place => place.Start));
        Assert.Equal([0, 513, 1026, 1279], SlidingWindow.Places(2048, 769, 513).Select(place => place.Start));
    }

    [Theory]
    [InlineData(4, 5, 2, 3)]
    [InlineData(3, 3, 3, 3)]
    [InlineData(7, 4, 1, 4)]
    [InlineData(20, 4, 7, 1)]
    public void Where_windows_overlap_logits_are_averaged(int height, int width, int stepY, int stepX)
    {
        var images = Wave.Single(2, 3, 7, 11);
        var before = images.clone();

        var logits = new SlidingWindow(height, width, stepY, stepX).Logits(Placed, images);

        TensorAssert.Near(Direct(images, height, width, stepY, stepX), logits, 1e-6);
        TensorAssert.Same(before, images);
    }

    [Fact]
    public void A_window_as_large_as_the_image_is_the_image()
    {
        var images = Wave.Single(2, 3, 7, 11);
        foreach (var window in new[] { new SlidingWindow(7, 11, 1, 1), new SlidingWindow(512, 1024, 341, 683) })
        {
            var calls = 0;
            var logits = window.Logits(part => Placed(part, ref calls), images);
            TensorAssert.Same(Placed(images), logits);
            Assert.Equal(1, calls);
        }
    }

    [Fact]
    public void A_model_that_looks_at_single_pixels_gives_what_it_gives_for_the_whole_image()
    {
        var images = Wave.Single(2, 3, 9, 8);
        var model = Wave.Fill(nn.Conv2d(3, 5, 1));

        using (torch.no_grad())
        {
            var logits = new SlidingWindow(4, 3, 3, 2).Logits(model.call, images);
            TensorAssert.Near(model.call(images), logits, 1e-6);
        }
    }

    [Theory]
    [InlineData(0, 4, 1, 1)]
    [InlineData(4, 0, 1, 1)]
    [InlineData(4, 4, 0, 1)]
    [InlineData(4, 4, 1, 0)]
    [InlineData(4, 6, 5, 1)]
    [InlineData(6, 4, 1, 5)]
    [InlineData(-4, 4, -4, 1)]
    public void A_step_that_leaves_pixels_out_and_a_size_below_1_are_refused(
        int height, int width, int stepY, int stepX)
    {
        var error = Assert.Throws<KdException>(() => new SlidingWindow(height, width, stepY, stepX).Logits(
            _ => throw new InvalidOperationException("The model was called."), Wave.Single(1, 3, 8, 8)));
        Assert.Contains($"SlidingWindow: {height}x{width} at steps of {stepY} and {stepX}; expected", error.Message);
    }

    [Fact]
    public void No_tensor_is_left_beside_the_logits()
    {
        var images = Wave.Single(1, 3, 7, 11);
        var window = new SlidingWindow(4, 4, 3, 3);
        window.Logits(Placed, images).Dispose();
        var statistics = DisposeScopeManager.Statistics;
        var before = statistics.ThreadTotalLiveCount;

        using var logits = window.Logits(Placed, images);

        Assert.Equal(before + 1, statistics.ThreadTotalLiveCount);
    }

    private static void RequireCover(int image, List<(long Start, long Length)> places, int window, int step)
    {
        var seen = new bool[image];
        foreach (var (start, length) in places)
        {
            Assert.Equal(Math.Min(image, window), length);
            Assert.InRange(start, 0, image - length);
            Array.Fill(seen, true, (int)start, (int)length);
        }

        Assert.DoesNotContain(false, seen);
        Assert.Equal(image, places[^1].Start + places[^1].Length);
        Assert.Equal(places.Count, places.Select(place => place.Start).Distinct().Count());
        // At equal steps but for the last, which is moved back.
        Assert.All(places.SkipLast(1).Index(), entry => Assert.Equal(entry.Index * step, entry.Item.Start));
    }

    // What it gives for a pixel depends on where in the window it is.
    private static Tensor Placed(Tensor images)
    {
        using var inner = torch.NewDisposeScope();
        var (height, width) = (images.shape[2], images.shape[3]);
        var place = torch.arange(height).view(1, 1, height, 1) * 0.3 + torch.arange(width).view(1, 1, 1, width) * 0.7;
        return torch.cat([images.narrow(1, 0, 2) + place, images.sum(1, true) * place], 1).to(torch.float32)
            .MoveToOuterDisposeScope();
    }

    private static Tensor Placed(Tensor images, ref int calls)
    {
        calls++;
        return Placed(images);
    }

    // Pixel by pixel: the mean over the windows that hold it.
    private static Tensor Direct(Tensor images, int height, int width, int stepY, int stepX)
    {
        var rows = Starts((int)images.shape[2], height, stepY);
        var columns = Starts((int)images.shape[3], width, stepX);
        var result = torch.zeros(images.shape[0], 3, images.shape[2], images.shape[3]);
        for (var y = 0; y < images.shape[2]; y++)
        {
            for (var x = 0; x < images.shape[3]; x++)
            {
                using var inner = torch.NewDisposeScope();
                var values =
                    from top in rows
                    where top.Start <= y && y < top.End
                    from left in columns
                    where left.Start <= x && x < left.End
                    let part = images[.., .., top.Start..top.End, left.Start..left.End]
                    select Placed(part)[.., .., y - top.Start, x - left.Start];
                result[.., .., y, x] = torch.stack(values.ToArray()).mean([0]);
            }
        }

        return result;
    }

    private static List<(int Start, int End)> Starts(int image, int window, int step)
    {
        var starts = new List<(int, int)>();
        for (var start = 0; start + window < image; start += step)
        {
            starts.Add((start, start + window));
        }

        starts.Add((Math.Max(image - window, 0), image));
        return starts;
    }
}
