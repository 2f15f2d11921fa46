using KdNotebooks.Models;
using KdNotebooks.Ops;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Training;

/// <summary>The average of a student's weights over its steps, as a network of its own: measured and kept beside it.</summary>
/// <remarks>It learns nothing back: a student is the same, bit for bit, whether its average is kept or not.</remarks>
public sealed class AveragedStudent : IDisposable
{
    private readonly WeightAverage rule;
    private List<(Tensor Average, Tensor Student)> pairs = [];
    private long steps;

    /// <param name="network">Of the student's own shape; whatever its weights are. Owned from here on.</param>
    public AveragedStudent(INetwork network, WeightAverage rule) => (Network, this.rule) = (network, rule);

    public INetwork Network { get; }

    /// <summary>Begins with the student's first weights, where and as it lies.</summary>
    internal void Begin(Module student, torch.Device device)
    {
        var root = Network.Root;
        root.to(device);
        ChannelsLast.Apply(root);
        root.eval();
        foreach (var parameter in root.parameters())
        {
            parameter.requires_grad = false;
        }

        pairs = [.. Tensors(root).Zip(Tensors(student))];
        using var noGrad = torch.no_grad();
        pairs.ForEach(pair => pair.Average.copy_(pair.Student));
    }

    /// <summary>Takes in the weights as they are after a step.</summary>
    internal void Follow()
    {
        var decay = rule.At(++steps);
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        foreach (var (average, student) in pairs)
        {
            if (average.is_floating_point())
            {
                average.mul_(decay).add_(student.detach(), alpha: 1 - decay);
            }
            else
            {
                average.copy_(student);
            }
        }
    }

    public void Dispose() => Network.Root.Dispose();

    private static IEnumerable<Tensor> Tensors(Module module) => module.parameters().Concat(module.buffers());
}
