using System.Globalization;

namespace KdNotebooks.Methods;

/// <summary>The named methods as text for a terminal, a block each.</summary>
public static class MethodTable
{
    /// <summary>Every method, the reader's own too.</summary>
    public static string Text => string.Join(
        '\n', NamedMethods.Names.Select(NamedMethods.Find).Distinct().Select(Block));

    /// <summary>One of them: what it compares, its usual weight and whose that is.</summary>
    public static string Block(Method method)
    {
        var weight = method.Usual is { } usual
            ? string.Create(CultureInfo.InvariantCulture, $"{usual.Value} ({usual.Source})")
            : "none is known";
        return $"{method.Name,-14}{method.Compares.Summary}\n"
            + (method.Compares is NoComparison ? "" : $"{"  weight",-14}{weight}\n")
            + $"{"  about",-14}{method.About}\n";
    }
}
