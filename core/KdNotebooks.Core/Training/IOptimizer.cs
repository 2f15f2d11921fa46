using KdNotebooks.Runtime;
using TorchSharp.Modules;

namespace KdNotebooks.Training;

/// <summary>
/// How weights follow gradients. A value: it round-trips through JSON and takes part in a recipe's hash.
/// </summary>
public interface IOptimizer
{
    /// <summary>At a schedule's factor 1.</summary>
    double LearningRate { get; }

    /// <exception cref="KdException">An option is out of its range.</exception>
    torch.optim.Optimizer Build(IEnumerable<Parameter> parameters);
}

/// <summary>Stochastic gradient descent.</summary>
/// <param name="LearningRate">The default value is 0.1.</param>
/// <param name="Momentum">0 to 1. The default value is 0.9.</param>
/// <param name="WeightDecay">L2, added to the gradient. The default value is 5e-4.</param>
/// <param name="Nesterov">The default value is false, as in the protocols of docs/method.md, 2.1 and 3.</param>
public sealed record Sgd(
    double LearningRate = 0.1, double Momentum = 0.9, double WeightDecay = 5e-4, bool Nesterov = false) : IOptimizer
{
    public torch.optim.Optimizer Build(IEnumerable<Parameter> parameters)
    {
        Optimizers.Require(
            nameof(Sgd),
            Optimizers.IsRate(LearningRate) && Momentum is >= 0 and < 1 && Optimizers.IsDecay(WeightDecay), this);
        Optimizers.Require(nameof(Sgd), !Nesterov || Momentum > 0, this);
        return torch.optim.SGD(parameters, LearningRate, Momentum, 0, WeightDecay, Nesterov);
    }
}

/// <summary>Adam with decoupled weight decay. Loshchilov and Hutter 2017 (arXiv:1711.05101).</summary>
/// <param name="LearningRate">The default value is 1e-3.</param>
/// <param name="Beta1">0 to 1. The default value is 0.9.</param>
/// <param name="Beta2">0 to 1. The default value is 0.999.</param>
/// <param name="Epsilon">The default value is 1e-8.</param>
/// <param name="WeightDecay">The default value is 1e-2.</param>
public sealed record AdamW(
    double LearningRate = 1e-3, double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-8,
    double WeightDecay = 1e-2) : IOptimizer
{
    public torch.optim.Optimizer Build(IEnumerable<Parameter> parameters)
    {
        Optimizers.Require(
            nameof(AdamW),
            Optimizers.IsRate(LearningRate) && Beta1 is >= 0 and < 1 && Beta2 is >= 0 and < 1
                && Optimizers.IsRate(Epsilon) && Optimizers.IsDecay(WeightDecay),
            this);
        return torch.optim.AdamW(parameters, LearningRate, Beta1, Beta2, Epsilon, WeightDecay);
    }
}

internal static class Optimizers
{
    public static bool IsRate(double value) => value is > 0 and < double.PositiveInfinity;

    public static bool IsDecay(double value) => value is >= 0 and < double.PositiveInfinity;

    public static void Require(string name, bool sound, object options)
    {
        if (!sound)
        {
            throw new KdException(
                $"{name}: {options} is out of range; expected a learning rate and epsilon greater than 0, momentum "
                + "and betas from 0 to below 1 (above 0 with Nesterov), weight decay of at least 0, all of them "
                + "finite.");
        }
    }
}
