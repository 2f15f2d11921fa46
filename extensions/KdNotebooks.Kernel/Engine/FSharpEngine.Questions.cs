using FSharp.Compiler.Interactive;
using KdNotebooks.Runtime;

namespace KdNotebooks.Kernel.Engine;

public sealed partial class FSharpEngine
{
    /// <summary>
    /// Asks the session something on its own thread, between two cells; null where a cell runs, which may take hours.
    /// </summary>
    /// <exception cref="KdException">The session could not start.</exception>
    internal T? BetweenCells<T>(Func<Shell.FsiEvaluationSession, T?> question) where T : class
    {
        WaitForSession();
        if (thread.IsStuck || !OneCell.Wait(TimeSpan.Zero))
        {
            return null;
        }

        try
        {
            T? answer = null;
            thread.Run(() => answer = question(session!), CancellationToken.None);
            return answer;
        }
        finally
        {
            OneCell.Release();
        }
    }

    /// <summary>Asks what does not depend on the cells, on the caller's thread, also while one runs.</summary>
    /// <exception cref="KdException">The session could not start.</exception>
    internal T AnyTime<T>(Func<Shell.FsiEvaluationSession, T> question)
    {
        WaitForSession();
        return question(session!);
    }
}
