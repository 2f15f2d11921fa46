using KdNotebooks.Runtime;

namespace KdNotebooks.Cli;

/// <summary>What every command that works for a while has in common: Ctrl-C stops it, and its failure is no wrong usage.</summary>
internal static class LongWork
{
    public static int Run(TextWriter error, Func<CancellationToken, int> work, CancellationToken cancellation)
    {
        using var interrupt = new Interrupt(cancellation);
        try
        {
            return work(interrupt.Token);
        }
        catch (KdException failure)
        {
            error.WriteLine(failure.Message);
            return KdCommand.Failed;
        }
        catch (OperationCanceledException)
        {
            error.WriteLine("Stopped. What was kept so far stays where it is.");
            return KdCommand.Interrupted;
        }
    }
}
