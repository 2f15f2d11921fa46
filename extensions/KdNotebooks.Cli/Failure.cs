using System.Runtime.InteropServices;
using KdNotebooks.Runtime;

namespace KdNotebooks.Cli;

/// <summary>What a command ends with when something goes wrong: a line that says what and what to do, and an exit code.</summary>
internal static class Failure
{
    // errno, as .NET hands it on in an IOException's HResult on Unix; on Windows ERROR_DISK_FULL.
    private const int NoSpace = 28, QuotaExceeded = 122, BrokenPipe = 32, DiskFull = unchecked((int)0x80070070);

    /// <summary>Writes the line.</summary>
    /// <param name="problem">What was thrown.</param>
    /// <param name="error">Where to; it may be closed itself.</param>
    /// <param name="details">Whether the way to the problem follows.</param>
    /// <returns>The exit code.</returns>
    public static int Say(Exception problem, TextWriter error, bool details)
    {
        var (text, code) = Of(problem);
        try
        {
            if (text != "")
            {
                error.WriteLine(text);
            }

            if (details)
            {
                error.WriteLine(problem);
            }
        }
        catch (IOException)
        {
            // Nobody listens; the exit code says it.
        }

        return code;
    }

    private static (string Text, int Code) Of(Exception problem)
    {
        if (Chain(problem).OfType<IOException>().FirstOrDefault(io => io.HResult is NoSpace or QuotaExceeded or DiskFull) is { } full)
        {
            return ($"The disk is full: {FirstLine(full)} Free some space and run the command again.", KdCommand.Failed);
        }

        return problem switch
        {
            KdException => (problem.Message, KdCommand.WrongUsage),
            OperationCanceledException => ("Stopped. What was kept so far stays where it is.", KdCommand.Interrupted),
            IOException { HResult: BrokenPipe } => ("", KdCommand.OutputClosed),
            IOException or UnauthorizedAccessException when !HasFolder() =>
                ("The current folder is gone. Change into another one and run the command again.", KdCommand.Failed),
            IOException or UnauthorizedAccessException =>
                ($"{FirstLine(problem)} Check that path, its permissions and its disk.", KdCommand.Failed),
            OutOfMemoryException =>
                ("More memory was asked for than there is. Ask for something smaller: batch, width, images.", KdCommand.Failed),
            ExternalException => ($"torch: {FirstLine(problem)} --verbose shows where.", KdCommand.Failed),
            _ => ($"{problem.GetType().Name}: {FirstLine(problem)} This is a fault of kd's own: --verbose shows where.",
                KdCommand.Failed),
        };
    }

    private static IEnumerable<Exception> Chain(Exception problem)
    {
        for (var current = problem; current is not null; current = current.InnerException)
        {
            yield return current;
        }
    }

    private static string FirstLine(Exception problem)
    {
        var line = problem.Message.Split('\n')[0].Trim();
        return line.EndsWith('.') ? line : line + ".";
    }

    private static bool HasFolder()
    {
        try
        {
            return Directory.Exists(Directory.GetCurrentDirectory());
        }
        catch (IOException)
        {
            return false;
        }
    }
}
