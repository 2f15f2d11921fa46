using System.Reflection;
using FSharp.Compiler.Interactive;

namespace KdNotebooks.Kernel.Engine;

/// <summary>Lets go of values that were shown and bound to no name.</summary>
/// <remarks>
/// F# Interactive binds each such value to "it", in a static field of a class of its own per submission. A later "it"
/// hides it, and nothing frees it: a session that shows a hundred tensors would hold a hundred for ever. So an
/// "it" is emptied when the next one is there. A function that was written against an earlier "it" then finds null.
/// </remarks>
internal sealed class ItBindings
{
    private int seen;
    private FieldInfo? last;

    /// <summary>Call it after each submission.</summary>
    public void ForgetEarlier(Shell.FsiEvaluationSession session)
    {
        var assemblies = session.DynamicAssemblies;
        foreach (var binding in assemblies.Skip(seen).SelectMany(Bindings))
        {
            if (last is { FieldType.IsValueType: false })
            {
                last.SetValue(null, null);
            }

            last = binding;
        }

        seen = assemblies.Length;
    }

    private static IEnumerable<FieldInfo> Bindings(Assembly assembly) =>
        assembly.GetTypes().Where(type => type.Name.StartsWith("FSI_", StringComparison.Ordinal))
            .Select(type => type.GetField("it@", BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public))
            .OfType<FieldInfo>();
}
