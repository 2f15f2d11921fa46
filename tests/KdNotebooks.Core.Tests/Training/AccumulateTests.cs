using KdNotebooks.Distillation;
using KdNotebooks.Models;
using KdNotebooks.Tests.Distillation;
using KdNotebooks.Training;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Training;

[Collection(TorchState.Name)]
public sealed class AccumulateTests
{
    // Without normalization, a step of parts is the step of the whole; the bound is what rounding leaves, a thousandfold.
    [Theory]
    [InlineData(2, null)]
    [InlineData(4, null)]
    [InlineData(4, 0.05)]
    public void Several_batches_are_one_large_one(int parts, double? clip)
    {
        using var scope = torch.NewDisposeScope();
        var images = torch.randn(16, 1, 4, 5);
        var labels = torch.randint(3, 16, dtype: torch.int64);
        var (whole, split) = (Weights(images, labels, 1, clip), Weights(images, labels, parts, clip));
        Assert.True(whole.allclose(split, 1e-4, 1e-5), $"differ by {(whole - split).abs().max().item<float>()}");
        Assert.False(whole.allclose(Weights(images, labels, 1, clip is null ? 0.01 : null), 1e-3, 1e-4));
    }

    [Fact]
    public void An_average_follows_its_formula()
    {
        using var scope = torch.NewDisposeScope();
        var (student, copy) = (Linear(3, 2), Linear(3, 2));
        using var average = new AveragedStudent(Network.Of(copy), new WeightAverage(0.75, WarmUp: true));
        average.Begin(student, torch.CPU);
        var expected = student.weight.detach().clone();
        for (var step = 1; step <= 5; step++)
        {
            using var noGrad = torch.no_grad();
            student.weight.copy_(torch.randn(2, 3));
            average.Follow();
            var decay = Math.Min(0.75, (1.0 + step) / (10 + step));
            expected = (expected * decay) + (student.weight.detach() * (1 - decay));
            Assert.True(copy.weight.allclose(expected, 1e-5, 1e-6));
        }
    }

    private static torch.Tensor Weights(torch.Tensor images, torch.Tensor labels, int parts, double? clip)
    {
        KdNotebooks.Native.Seed.Set(3);
        var student = Sequential(("flat", Flatten()), ("fc", Linear(20, 3)));
        using var distiller = new Distiller(Network.Of(student), Tiny.Task, Guidance.None, TeacherMaps.None, Tiny.Image);
        using var trainer = new StudentTrainer(
            distiller, Tiny.Task, new StudentTrainerOptions("x", new Sgd(0.5), new Constant(), clip), new Log(), torch.CPU);
        for (var step = 0; step < 3; step++)
        {
            for (var part = 0; part < parts; part++)
            {
                var size = 16 / parts;
                trainer.Step(
                    Tiny.Batch(images.narrow(0, part * size, size), labels.narrow(0, part * size, size)),
                    new Dictionary<string, torch.Tensor>(), new Position(1, step, 3, 3), new Part(part, parts));
            }
        }

        return student.parameters().First().detach().clone();
    }
}
