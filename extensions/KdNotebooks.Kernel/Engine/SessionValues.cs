using FSharp.Compiler.Interactive;
using KdNotebooks.Interactive.Magics;

namespace KdNotebooks.Kernel.Engine;

/// <summary>What cells have bound by let, for magic commands.</summary>
internal sealed class SessionValues(Shell.FsiEvaluationSession session) : IMagicValues
{
    // "it" is the value of the last expression.
    public IReadOnlyList<string> Names =>
        [.. session.GetBoundValues().Select(bound => bound.Name).Where(name => name != "it").Distinct()];

    public bool TryGet(string name, out object? value)
    {
        var found = session.TryFindBoundValue(name);
        var bound = found is null ? null : found.Value;
        value = bound?.Value.ReflectionValue;
        return bound is not null;
    }

    public void Set(string name, object value) => session.AddBoundValue(name, value);
}
