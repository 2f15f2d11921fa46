using KdNotebooks.Distillation;
using KdNotebooks.Runtime;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Training;

/// <summary>Which parts of a student learn otherwise than the rest. A value: it takes part in a recipe's hash.</summary>
/// <param name="Frozen">
/// Module paths of the student ("backbone.layer1") that keep their weights and, being in evaluation mode, their batch
/// normalizations' statistics. The default value null means none.
/// </param>
/// <param name="FrozenNorms">
/// Module paths whose batch normalizations, themselves and below, keep their statistics and weights; "" is the whole
/// student. The default value null means none.
/// </param>
/// <param name="Rates">
/// Module paths with a learning rate of their own; the innermost path decides. The default value null means none.
/// </param>
public sealed record ParameterRules(
    IReadOnlyList<string>? Frozen = null, IReadOnlyList<string>? FrozenNorms = null,
    IReadOnlyList<ModuleRate>? Rates = null)
{
    /// <summary>All parts learn alike.</summary>
    public static ParameterRules None { get; } = new();

    // By content: a record compares its lists by reference.
    public bool Equals(ParameterRules? other) => other is not null && Same(Frozen, other.Frozen)
        && Same(FrozenNorms, other.FrozenNorms) && Same(Rates, other.Rates);

    public override int GetHashCode() => HashCode.Combine(Frozen?.Count, FrozenNorms?.Count, Rates?.Count);

    /// <summary>What of a student stays in evaluation mode while it is trained, and learns nothing.</summary>
    /// <exception cref="KdException">A path is not there.</exception>
    internal IReadOnlyList<Module> Still(Module student) =>
    [
        .. (Frozen ?? []).Select(path => TapSet.Find(student, path)),
        .. (FrozenNorms ?? []).Select(path => TapSet.Find(student, path))
            .SelectMany(module => module.modules().Prepend(module)).Where(module => module is TorchSharp.Modules.BatchNorm1d or TorchSharp.Modules.BatchNorm2d),
    ];

    /// <summary>The factor on the learning rate of each of these parameters.</summary>
    /// <exception cref="KdException">A path is not there, or a factor is out of range.</exception>
    internal IEnumerable<(Parameter Parameter, double Factor)> Factors(
        Module student, IReadOnlyList<Parameter> parameters)
    {
        var factors = new Dictionary<IntPtr, double>();
        // From the outside in: the innermost path has the last word.
        foreach (var rate in (Rates ?? []).OrderBy(rate => rate.Module.Length))
        {
            if (!(rate.Factor >= 0) || !double.IsFinite(rate.Factor))
            {
                throw new KdException(
                    $"ParameterRules: the learning rate of '{rate.Module}' is multiplied by {rate.Factor}; expected a finite "
                    + "number of at least 0.");
            }

            foreach (var parameter in TapSet.Find(student, rate.Module).parameters())
            {
                factors[parameter.Handle] = rate.Factor;
            }
        }

        return parameters.Select(parameter => (parameter, factors.GetValueOrDefault(parameter.Handle, 1)));
    }

    private static bool Same<T>(IReadOnlyList<T>? one, IReadOnlyList<T>? other) =>
        (one ?? []).SequenceEqual(other ?? []);
}

/// <summary>A part of a student with a learning rate of its own.</summary>
/// <param name="Module">Its path: "backbone".</param>
/// <param name="Factor">On the recipe's learning rate, at least 0; 0.1 is usual for a pretrained backbone.</param>
public sealed record ModuleRate(string Module, double Factor);
