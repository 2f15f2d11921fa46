using System.Globalization;
using System.Text;

namespace KdNotebooks.Kernel.Notebooks;

/// <summary>The types that a parameter can have; the names are F#'s.</summary>
public enum ParameterType { String, Int, Int64, Float, Bool }

/// <summary>One top-level <c>let</c> of the cell tagged "parameters".</summary>
/// <param name="Type">
/// From its annotation, else from its literal or from the literals that its expression is made of; null where these say
/// nothing or disagree.
/// </param>
/// <param name="Current">The right-hand side as it stands in the cell.</param>
/// <param name="Start">Where the right-hand side begins in the cell's text.</param>
public sealed record Parameter(string Name, ParameterType? Type, string Current, int Start)
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    /// <summary>The value as an F# literal; null where it is not of the parameter's type.</summary>
    /// <remarks>
    /// Numbers and truth values are parsed and printed anew and text is escaped character by character, so that nothing
    /// in a value can be read as code.
    /// </remarks>
    public string? Literal(string value) => Type switch
    {
        ParameterType.String => Quote(value),
        ParameterType.Int => int.TryParse(value, NumberStyles.AllowLeadingSign, Invariant, out var whole)
            ? whole.ToString(Invariant) : null,
        ParameterType.Int64 => long.TryParse(value, NumberStyles.AllowLeadingSign, Invariant, out var whole)
            ? $"{whole.ToString(Invariant)}L" : null,
        ParameterType.Float => double.TryParse(value, NumberStyles.Float, Invariant, out var real)
            ? Number(real) : null,
        ParameterType.Bool => bool.TryParse(value, out var truth) ? (truth ? "true" : "false") : null,
        _ => null,
    };

    /// <summary>The type as F# writes it.</summary>
    public static string NameOf(ParameterType type) => type.ToString().ToLowerInvariant();

    private static string Number(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "infinity" : "-infinity";
        }

        var text = value.ToString("R", Invariant);
        return text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text;
    }

    private static string Quote(string value)
    {
        var text = new StringBuilder("\"");
        foreach (var character in value)
        {
            text.Append(character switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                // Control characters, and what an editor may show as a line end or as text running backwards.
                _ when char.IsControl(character) || char.IsSurrogate(character) || character > 0x2000 =>
                    $"\\u{(int)character:X4}",
                _ => character.ToString(),
            });
        }

        return text.Append('"').ToString();
    }
}
