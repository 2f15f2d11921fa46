using KdNotebooks.Interactive;
using KdNotebooks.Runtime;

namespace KdNotebooks.Kernel.Engine;

/// <summary>What every cell finds without opening anything. Public because cells are compiled against it.</summary>
public static class Prelude
{
    /// <summary>Evaluated once, when an engine starts.</summary>
    internal const string Code =
        """
        let display (value: obj) : unit = KdNotebooks.Kernel.Engine.Prelude.Show value
        let exit (code: int) : 'a = KdNotebooks.Kernel.Engine.Prelude.Exit code; Unchecked.defaultof<'a>
        """;

    /// <summary>What stands for #quit.</summary>
    internal const string QuitCode = "KdNotebooks.Kernel.Engine.Prelude.Quit()";

    /// <summary>Formats a value and shows it below the running cell.</summary>
    public static void Show(object? value) => Display.Show(value);

    /// <summary>F#'s own <c>exit</c> would end the host, and with it every output that is not yet written.</summary>
    public static void Exit(int code) => throw new KdException(
        $"exit {code}: a cell cannot end the process that runs the notebook. Leave the rest of the cell out with "
        + "if/else, or stop the notebook with failwith.");

    /// <summary>F# Interactive's #quit would do the same.</summary>
    public static void Quit() => throw new KdException(
        "#quit: a cell cannot end the process that runs the notebook. Shut the kernel down from Jupyter's menu, or stop the notebook "
        + "with failwith.");
}
