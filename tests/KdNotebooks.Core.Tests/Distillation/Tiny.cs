using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Models;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tests.Data;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Distillation;

/// <summary>Networks and data for steps of a millisecond: images are [1, 4, 5], classes three.</summary>
internal static class Tiny
{
    public static readonly long[] Image = [1, 4, 5];

    /// <summary>body (conv, bn, relu in place) [C, 4, 5] -> drop -> pool, flat [C] -> fc [3].</summary>
    public static Module<Tensor, Tensor> Classifier(int channels = 4, double dropout = 0) => Sequential(
        ("body", Sequential(
            ("conv", Conv2d(1, channels, 3, padding: 1)),
            ("bn", BatchNorm2d(channels)),
            ("relu", ReLU(inplace: true)))),
        ("drop", Dropout(dropout)),
        ("pool", AdaptiveAvgPool2d(1)),
        ("flat", Flatten()),
        ("fc", nn.Linear(channels, 3)));

    public static LiveTeacher Teacher() => new(Network.Of(Classifier(6)), ["body", TapSet.Output], Image);

    /// <summary>Classification of <see cref="Data"/> as it is.</summary>
    public static ITask Task { get; } = new ClassificationTask(Data(), PaddedCrop.None);

    /// <summary>Images of one size, with a class each.</summary>
    public static Batch Batch(Tensor images, Tensor labels) =>
        KdNotebooks.Data.Batch.Of(images) with { Targets = new ClassTargets(labels) };

    public static Tensor Logits(this IOutputs outputs) => ((ModelOutput)outputs).Logits;

    public static Dataset Data(int train = 24) => LabeledImages.Split(
        "tiny", Samples.Images(train + 6), Samples.Images(6, seed: 2), train / 3, 2, [0.5f], [0.3f]);

    /// <summary>Statistics as a trained network's are: none of them 0 or 1.</summary>
    public static void Train(Module model)
    {
        using var noGrad = torch.no_grad();
        foreach (var (name, buffer) in model.named_buffers().Where(entry => entry.buffer.dim() == 1))
        {
            buffer.copy_(torch.rand(buffer.shape) + (name.EndsWith("var", StringComparison.Ordinal) ? 0.5 : -0.5));
        }

        foreach (var parameter in model.parameters())
        {
            parameter.add_(torch.rand(parameter.shape) * 0.3);
        }
    }

    /// <summary>Of this thread. A module makes handles on first use, so use it once before counting.</summary>
    public static long LiveTensors => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    public static float[] Numbers(this Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        return tensor.detach().contiguous().data<float>().ToArray();
    }

    public static void AssertClose(Tensor expected, Tensor actual, double relative = 1e-5)
    {
        Assert.Equal(expected.shape, actual.shape);
        var (difference, size) = ((expected - actual).abs().max().item<float>(), expected.abs().max().item<float>());
        Assert.True(difference <= relative * size, $"differ by {difference}, of {size}");
    }
}

/// <summary>Hears the title with total and unit, and how much is done.</summary>
internal sealed class Reporter(Action<string, long> heard) : IProgressReporter
{
    public IProgressTask Start(string title, long total, string unit) => new Bar($"{title}: {total} {unit}", heard);

    private sealed class Bar(string title, Action<string, long> heard) : IProgressTask
    {
        public void Report(long done, string? note = null) => heard(title, done);

        public void Dispose()
        {
        }
    }
}
