using System.Reflection;
using System.Text.RegularExpressions;

namespace KdNotebooks.Parts;

/// <summary>
/// Names that are the same in every process and in every evaluation of a cell. F# Interactive puts what it compiles
/// into
/// <c>FSI_0012</c> and the next time into another, and compilers number lambdas by line or by order.
/// </summary>
internal static partial class CodeNames
{
    // What comes from a package of ours, of Microsoft's or of those below us: its version is the run's, not its code.
    private static readonly string[] Libraries =
    [
        "System", "Microsoft", "mscorlib", "netstandard", "FSharp", "TorchSharp", "MathNet", "Plotly", "FsCheck",
        "SkiaSharp", "Newtonsoft", "xunit",
    ];

    private static readonly string[] Ours =
    [
        "KdNotebooks.Core", "KdNotebooks.FSharp", "KdNotebooks.Properties", "KdNotebooks.Interactive",
        "KdNotebooks.Kernel", "KdNotebooks.Charts", "KdNotebooks.Cli",
    ];

    /// <summary>Whether code of this assembly is a reader's own, and so part of a fingerprint.</summary>
    public static bool IsReaders(Assembly assembly)
    {
        var name = assembly.GetName().Name ?? "";
        return !Ours.Contains(name) && !Libraries.Any(library =>
            name == library || name.StartsWith(library + ".", StringComparison.Ordinal));
    }

    public static string Of(Type type)
    {
        if (type.IsGenericParameter)
        {
            return $"!{type.GenericParameterPosition}";
        }

        if (type.HasElementType)
        {
            return $"{Of(type.GetElementType()!)}{(type.IsArray ? "[]" : "&")}";
        }

        var outer = type.DeclaringType is { } declaring ? $"{Plain(declaring.Name)}+" : "";
        var arguments = type.IsGenericType ? $"<{string.Join(",", type.GetGenericArguments().Select(Of))}>" : "";
        return $"{Plain(type.Namespace ?? "")}.{outer}{Plain(type.Name)}{arguments}";
    }

    public static string Of(MethodBase method)
    {
        var parameters = string.Join(",", method.GetParameters().Select(parameter => Of(parameter.ParameterType)));
        var arguments = method.IsGenericMethod ? $"<{string.Join(",", method.GetGenericArguments().Select(Of))}>" : "";
        var returns = method is MethodInfo { ReturnType: var type } ? Of(type) : "";
        return $"{Owner(method)}::{Plain(method.Name)}{arguments}({parameters}){returns}";
    }

    public static string Of(FieldInfo field) => $"{Owner(field)}::{Plain(field.Name)}:{Of(field.FieldType)}";

    private static string Owner(MemberInfo member) => member.DeclaringType is { } type ? Of(type) : "";

    private static string Plain(string name) => Numbered().Replace(name, "$1");

    // FSI_0012, mine@5-1, "stage #1 at line 5", <Main>b__0_1, <>c__DisplayClass3_0, <Name>d__4, g__Local|3_0
    [GeneratedRegex(@"(FSI_|@|at line |b__|DisplayClass|d__|\|)\d+(?:[-_]\d+)*")]
    private static partial Regex Numbered();
}
