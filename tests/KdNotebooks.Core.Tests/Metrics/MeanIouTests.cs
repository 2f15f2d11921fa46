using KdNotebooks.Metrics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Metrics;

public sealed class MeanIouTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    // Classes that are missing from truth, from predictions, or from both, come about by themselves: labels are drawn
    // from a random subset.
    [Fact]
    public void It_agrees_with_plain_loops_on_random_maps_with_ignored_pixels_and_absent_classes()
    {
        var (absent, onlyPredicted) = (0, 0);
        for (ulong seed = 0; seed < 300; seed++)
        {
            var random = RandomStream.Of(seed);
            var classes = 2 + random.NextInt(7);
            long[] shape = [1 + random.NextInt(3), 1 + random.NextInt(9), 1 + random.NextInt(9)];
            var truth = Labels(ref random, shape, classes, ignored: true);
            var prediction = Labels(ref random, shape, classes, ignored: false);
            var metric = new MeanIou(classes);

            metric.Add(torch.tensor(prediction).view(shape), torch.tensor(truth).view(shape));

            var (mine, expected) = (metric.Result(), PlainIou.Of(prediction, truth, classes));
            Near(expected.Mean, mine.Mean);
            Near(expected.PixelAccuracy, mine.PixelAccuracy);
            Near(expected.MeanAccuracy, mine.MeanAccuracy);
            Assert.All(Enumerable.Range(0, classes), i => Near(expected.Iou[i], mine.Iou[i]));
            absent += mine.Iou.Count(double.IsNaN);
            onlyPredicted += mine.Iou.Where((iou, i) => iou == 0 && double.IsNaN(mine.Accuracy[i])).Count();
        }

        Assert.True(absent > 50 && onlyPredicted > 50, $"{absent} absent, {onlyPredicted} only predicted");
    }

    [Fact]
    public void By_hand_a_class_is_absent_another_only_predicted_and_a_pixel_ignored()
    {
        var metric = new MeanIou(4);
        metric.Add(torch.tensor(new long[] { 0, 0, 1, 2, 9 }), torch.tensor(new long[] { 0, 0, 0, 1, 255 }));
        var result = metric.Result();
        Assert.Equal([2.0 / 3, 0, 0, double.NaN], result.Iou);
        Assert.Equal(2.0 / 9, result.Mean, 1e-15);
        Assert.Equal([2.0 / 3, 0, double.NaN, double.NaN], result.Accuracy);
        Assert.Equal(1.0 / 3, result.MeanAccuracy, 1e-15);
        Assert.Equal((0.5, 4), (result.PixelAccuracy, result.Pixels));
        Assert.Equal((1, 0), (metric[0, 1], metric[1, 0]));
    }

    [Fact]
    public void Batches_and_halves_add_up_to_the_whole()
    {
        var random = RandomStream.Of(7);
        var (truth, prediction) = (Labels(ref random, [4, 6, 5], 5, true), Labels(ref random, [4, 6, 5], 5, false));
        var (t, p) = (torch.tensor(truth).view(4, 6, 5), torch.tensor(prediction).view(4, 6, 5));
        var (whole, first, second) = (new MeanIou(5), new MeanIou(5), new MeanIou(5));
        whole.Add(p, t);
        first.Add(p[0], t[0]);
        first.Add(p[1..2], t[1..2]);
        second.Add(p[2..].to(torch.uint8), t[2..].to(torch.uint8));
        first.Merge(second);
        Assert.Equal(whole.Result().Iou, first.Result().Iou);
        Assert.Equal(whole.Result().Pixels, first.Result().Pixels);
    }

    [Fact]
    public void Counts_beyond_what_float32_can_hold_stay_exact()
    {
        var metric = new MeanIou(2);
        using var map = torch.zeros([4097, 4096], torch.uint8);
        metric.Add(map, map);
        metric.Add(torch.ones(1L, 1, dtype: torch.uint8), torch.zeros(1L, 1, dtype: torch.uint8));
        Assert.Equal(4097 * 4096 + 1, metric.Result().Pixels);
        Assert.Equal(1, metric[0, 1]);
    }

    [Fact]
    public void With_nothing_counted_nothing_is_known()
    {
        var metric = new MeanIou(3);
        metric.Add(torch.zeros([1, 2, 2], torch.int64), torch.full([1, 2, 2], 255, torch.int64));
        var result = metric.Result();
        Assert.Equal(0, result.Pixels);
        double[] numbers = [result.Mean, result.MeanAccuracy, result.PixelAccuracy, .. result.Iou];
        Assert.All(numbers, number => Assert.True(double.IsNaN(number)));
    }

    [Theory]
    [InlineData(3, 0, "label 3 in the prediction; expected 0 to 2.")]
    [InlineData(-1, 0, "label -1 in the prediction; expected 0 to 2.")]
    [InlineData(0, 3, "label 3 in the truth; expected 0 to 2, or 255 for pixels that are not counted.")]
    [InlineData(0, -2, "label -2 in the truth")]
    public void A_label_outside_the_classes_is_refused_and_nothing_is_counted(int predicted, int truth, string message)
    {
        var metric = new MeanIou(3);
        var error = Assert.Throws<KdException>(() => metric.Add(
            torch.tensor(new long[] { 1, predicted }), torch.tensor(new long[] { 1, truth })));
        Assert.Contains(message, error.Message);
        Assert.Equal(0, metric.Result().Pixels);
    }

    [Fact]
    public void Other_shapes_types_and_numbers_of_classes_are_refused()
    {
        var metric = new MeanIou(3);
        Assert.Contains(
            "predictions [1, 2, 3] and truth [1, 3, 2] differ in shape",
            Assert.Throws<KdException>(() => metric.Add(
                torch.zeros([1, 2, 3], torch.int64), torch.zeros([1, 3, 2], torch.int64))).Message);
        Assert.Contains(
            "of type Float32",
            Assert.Throws<KdException>(() => metric.Add(torch.zeros(1, 2, 3), torch.zeros(1, 2, 3))).Message);
        Assert.Throws<KdException>(() => metric.Merge(new MeanIou(4)));
        Assert.Throws<KdException>(() => new MeanIou(1));
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        var (metric, map) = (new MeanIou(3), torch.ones([1, 2, 2], torch.int64));
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        metric.Add(map, map);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static long[] Labels(ref RandomStream random, long[] shape, int classes, bool ignored)
    {
        var used = Enumerable.Range(0, classes).ToArray();
        random.Shuffle(used);
        var kinds = 1 + random.NextInt(classes);
        var labels = new long[shape.Aggregate((a, b) => a * b)];
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = ignored && random.NextInt(5) == 0 ? 255 : used[random.NextInt(kinds)];
        }

        return labels;
    }

    private static void Near(double expected, double actual)
    {
        Assert.Equal(double.IsNaN(expected), double.IsNaN(actual));
        Assert.True(double.IsNaN(expected) || Math.Abs(expected - actual) < 1e-12, $"{expected} {actual}");
    }

    /// <summary>The definitions once more, class by class and pixel by pixel, without a confusion matrix.</summary>
    private static class PlainIou
    {
        public static (double[] Iou, double Mean, double MeanAccuracy, double PixelAccuracy) Of(
            long[] prediction, long[] truth, int classes)
        {
            var (iou, found) = (new double[classes], new double[classes]);
            for (var c = 0; c < classes; c++)
            {
                double intersection = 0, union = 0, present = 0;
                for (var i = 0; i < truth.Length; i++)
                {
                    if (truth[i] != 255)
                    {
                        intersection += truth[i] == c && prediction[i] == c ? 1 : 0;
                        union += truth[i] == c || prediction[i] == c ? 1 : 0;
                        present += truth[i] == c ? 1 : 0;
                    }
                }

                (iou[c], found[c]) = (intersection / union, intersection / present); // 0 / 0 is NaN
            }

            double right = 0, all = 0;
            for (var i = 0; i < truth.Length; i++)
            {
                all += truth[i] == 255 ? 0 : 1;
                right += truth[i] != 255 && truth[i] == prediction[i] ? 1 : 0;
            }

            return (iou, Mean(iou), Mean(found), right / all);
        }

        private static double Mean(double[] values)
        {
            double sum = 0, count = 0;
            foreach (var value in values)
            {
                (sum, count) = double.IsNaN(value) ? (sum, count) : (sum + value, count + 1);
            }

            return sum / count;
        }
    }
}
