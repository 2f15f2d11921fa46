using System.Runtime.ExceptionServices;

namespace KdNotebooks.Kernel.Engine;

/// <summary>
/// What a thread of a cell's own throws and nobody catches (<c>async { ... } |> Async.Start</c>): shown, and not the end of the
/// process, which would take every value of the notebook with it.
/// </summary>
/// <remarks>The handler is the process's, so a program sets it (the kernel, <c>kd run</c>), and no library does.</remarks>
public static class StrayExceptions
{
    private static readonly Lazy<bool> Handled = new(() =>
    {
        ExceptionHandling.SetUnhandledExceptionHandler(Show);
        return true;
    });

    /// <summary>From now on; a second call changes nothing.</summary>
    public static void Survive() => _ = Handled.Value;

    private static bool Show(Exception error)
    {
        try
        {
            Console.Error.WriteLine(
                $"A background thread failed: {error.GetType().Name}: {error.Message}\nIt has ended; the notebook goes on without it.");
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException)
        {
            // Nobody listens.
        }

        return true;
    }
}
