using FSharp.Compiler.Interactive;
using KdNotebooks.Interactive;

namespace KdNotebooks.Kernel.Engine;

/// <summary>Formats the value of a cell's last expression.</summary>
internal static class ValueText
{
    /// <summary>By our formatters where they know the type; else as F# prints it.</summary>
    public static MimeBundle Format(Shell.FsiEvaluationSession session, Shell.FsiValue value)
    {
        if (value.ReflectionValue is string text)
        {
            return MimeBundle.OfText(text);
        }

        // None and () are null to .NET: only F#'s static type tells them from a missing object.
        return value.ReflectionValue is { } shown && Formatters.Knows(shown.GetType())
            ? Formatters.Format(shown)
            : MimeBundle.OfText(session.FormatValue(value.ReflectionValue!, value.ReflectionType));
    }
}
