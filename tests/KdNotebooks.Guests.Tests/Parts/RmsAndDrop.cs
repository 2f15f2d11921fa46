using KdNotebooks.Training;
using TorchSharp.Modules;

namespace KdNotebooks.Guests.Parts;

/// <summary>RMSProp as TorchSharp has it.</summary>
/// <param name="LearningRate">The default value is 0.001.</param>
public sealed record Rms(double LearningRate = 0.001) : IOptimizer
{
    public torch.optim.Optimizer Build(IEnumerable<Parameter> parameters) =>
        torch.optim.RMSProp(parameters, LearningRate);
}

/// <summary>The whole rate, and a part of it from a share of the steps on.</summary>
/// <param name="Share">From 0 to 1. The default value is 0.5.</param>
/// <param name="Factor">The default value is 0.1.</param>
public sealed record Drop(double Share = 0.5, double Factor = 0.1) : ISchedule
{
    double ISchedule.Factor(int step, int steps, int stepsPerEpoch) => step < Share * steps ? 1 : Factor;
}
