using System.Text.Encodings.Web;
using System.Text.Json;

namespace KdNotebooks.Kernel.Jupyter.Wire;

/// <summary>How the kernel writes JSON.</summary>
internal static class JsonText
{
    /// <summary>One line, other alphabets as they are: it goes to a program, never into a page.</summary>
    public static JsonSerializerOptions Compact { get; } =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The same in lines, for files that people open.</summary>
    public static JsonSerializerOptions Indented { get; } = new(Compact) { WriteIndented = true };
}
