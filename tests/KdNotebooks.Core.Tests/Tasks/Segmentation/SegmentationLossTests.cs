using KdNotebooks.Data;
using KdNotebooks.Models;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Tests.Tasks.Segmentation;

public sealed class SegmentationLossTests : IDisposable
{
    private const int Images = 2, Classes = 4, Height = 3, Width = 5;

    private static readonly double[] Weights = [0.5, 2, 1.25, 3];

    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_is_the_weighted_mean_over_labelled_pixels(bool weighted)
    {
        var (logits, labels) = (Logits(), Labels(i => i % 3 == 1 ? 255 : i % Classes));

        var loss = SegmentationTask.Loss(logits, labels, weighted ? Weights : null);

        Assert.Empty(loss.shape);
        Assert.Equal(Plain(logits, labels, weighted ? Weights : [1, 1, 1, 1]), loss.ToDouble(), 1e-12);
    }

    [Fact]
    public void Single_precision_gives_the_same_as_double()
    {
        var (logits, labels) = (Logits(), Labels(i => i % 7 == 0 ? 255 : i % Classes));

        var single = SegmentationTask.Loss(logits.to(torch.float32), labels, Weights);

        Assert.Equal(torch.float32, single.dtype);
        Assert.Equal(Plain(logits, labels, Weights), single.ToDouble(), 1e-6);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Its_gradient_is_what_small_differences_say(bool weighted)
    {
        var weights = weighted ? Weights : null;
        var (logits, labels) = (Logits().requires_grad_(true), Labels(i => i % 4 == 2 ? 255 : i % 3));
        SegmentationTask.Loss(logits, labels, weights).backward();

        var gradient = logits.grad!.data<double>().ToArray();
        var numbers = logits.detach().data<double>().ToArray();
        for (var i = 0; i < numbers.Length; i++)
        {
            double At(double shift)
            {
                using var step = torch.NewDisposeScope();
                var moved = numbers.ToArray();
                moved[i] += shift;
                return SegmentationTask.Loss(torch.tensor(moved, logits.shape), labels, weights).ToDouble();
            }

            Assert.Equal((At(1e-5) - At(-1e-5)) / 2e-5, gradient[i], 1e-8);
        }
    }

    [Fact]
    public void A_pixel_that_is_not_labelled_has_no_gradient()
    {
        var (logits, labels) = (Logits().requires_grad_(true), Labels(i => i == 4 ? 255 : 1));

        SegmentationTask.Loss(logits, labels).backward();

        var sizes = logits.grad!.abs().sum(1).flatten().data<double>().ToArray(); // [N, H, W]
        Assert.Equal(0, sizes[4]);
        Assert.All(sizes.Where((_, i) => i != 4), size => Assert.True(size > 0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_labelled_is_a_loss_of_0_with_a_gradient_of_0(bool weighted)
    {
        var logits = Logits().to(torch.float32).requires_grad_(true);

        var loss = SegmentationTask.Loss(logits, Labels(_ => 255), weighted ? Weights : null);
        loss.backward();

        Assert.Equal(0, loss.ToSingle());
        Assert.All(logits.grad!.data<float>().ToArray(), number => Assert.Equal(0, number));
    }

    [Theory]
    [InlineData(0.4)]
    [InlineData(1.5)]
    public void The_auxiliary_head_has_a_term_of_its_own_with_its_weight(double weight)
    {
        var labels = Labels(i => i % 5 == 0 ? 255 : i % Classes);
        var (logits, auxiliary) = (Logits(), Logits(start: 2));

        var terms = Task(new SegmentationSpec(weight, Weights)).Loss(
            new ModelOutput(logits, auxiliary), new LabelMaps(labels));

        Assert.Equal(["task", "auxiliary"], terms.Select(term => term.Name));
        Assert.Equal(Plain(logits, labels, Weights), terms[0].Value.ToDouble(), 1e-12);
        Assert.Equal(weight * Plain(auxiliary, labels, Weights), terms[1].Value.ToDouble(), 1e-12);
    }

    [Fact]
    public void The_auxiliary_head_weighs_as_PSPNet_s_unless_told_otherwise() =>
        Assert.Equal(0.4, new SegmentationSpec().AuxiliaryWeight);

    [Fact]
    public void Without_weight_or_without_such_a_head_there_is_the_task_alone()
    {
        var (logits, labels) = (Logits(), Labels(i => i % Classes));

        var weightless = Task(new SegmentationSpec(0)).Loss(
            new ModelOutput(logits, Logits(2)), new LabelMaps(labels));
        var headless = Task(new SegmentationSpec()).Loss(new ModelOutput(logits), new LabelMaps(labels));

        Assert.Equal("task", Assert.Single(weightless).Name);
        Assert.Equal("task", Assert.Single(headless).Name);
        Assert.Equal(headless[0].Value.ToDouble(), weightless[0].Value.ToDouble());
    }

    [Fact]
    public void No_tensor_is_left_beside_the_loss()
    {
        var (logits, labels) = (Logits(), Labels(i => i % Classes));
        var statistics = DisposeScopeManager.Statistics;
        using var first = SegmentationTask.Loss(logits, labels, Weights);
        var before = statistics.ThreadTotalLiveCount;

        using var second = SegmentationTask.Loss(logits, labels, Weights);

        Assert.Equal(before + 1, statistics.ThreadTotalLiveCount);
    }

    private static SegmentationTask Task(SegmentationSpec spec) =>
        new(LabelMapSamples.Data(LabelMapSamples.Sample(1, 4, 4, 0, 1)), ResizedCrop.None, spec);

    private static Tensor Logits(double start = 0.1) => Wave.Of([Images, Classes, Height, Width], 0.73, start, 3);

    private static Tensor Labels(Func<int, int> label) => torch.tensor(
        Enumerable.Range(0, Images * Height * Width).Select(i => (long)label(i)).ToArray(), [Images, Height, Width]);

    // Pixel by pixel, in double.
    private static double Plain(Tensor logits, Tensor labels, double[] weights)
    {
        var (numbers, truth) = (logits.data<double>().ToArray(), labels.data<long>().ToArray());
        var (sum, total, size) = (0.0, 0.0, Height * Width);
        for (var pixel = 0; pixel < truth.Length; pixel++)
        {
            if (truth[pixel] == 255)
            {
                continue;
            }

            double At(long k) => numbers[(((pixel / size * Classes) + k) * size) + (pixel % size)];
            var all = Enumerable.Range(0, Classes).Sum(k => Math.Exp(At(k)));
            sum += weights[truth[pixel]] * (Math.Log(all) - At(truth[pixel]));
            total += weights[truth[pixel]];
        }

        return sum / total;
    }
}
