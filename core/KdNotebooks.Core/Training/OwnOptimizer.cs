using KdNotebooks.Parts;
using TorchSharp.Modules;

namespace KdNotebooks.Training;

/// <summary>
/// A reader's function as an optimizer; in a recipe it stands under its name with its code's fingerprint.
/// </summary>
/// <param name="name">In recipes, tables and commands: "mine".</param>
/// <param name="learningRate">At a schedule's factor 1; greater than 0.</param>
/// <param name="build">
/// From (what is trained, learning rate) to one of TorchSharp's optimizers, or one of your own.
/// </param>
public sealed class OwnOptimizer(
    string name, double learningRate, Func<IEnumerable<Parameter>, double, torch.optim.Optimizer> build)
    : IOptimizer, IOwnPart
{
    public string Name => name;

    public double LearningRate => learningRate;

    public torch.optim.Optimizer Build(IEnumerable<Parameter> parameters)
    {
        Optimizers.Require(name, Optimizers.IsRate(learningRate), $"learning rate {learningRate}");
        return build(parameters, learningRate);
    }
}
