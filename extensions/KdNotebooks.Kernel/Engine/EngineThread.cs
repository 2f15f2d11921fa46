using System.Collections.Concurrent;

namespace KdNotebooks.Kernel.Engine;

/// <summary>
/// The one thread on which all cells run: a dispose scope or a gradient mode that one cell opens belongs to its thread
/// and must still be there in the next cell.
/// </summary>
internal sealed class EngineThread : IDisposable
{
    private const int StackBytes = 64 << 20;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly BlockingCollection<Action> work = [];
    private readonly Thread thread;
    private Task left = Task.CompletedTask;

    public EngineThread()
    {
        thread = new Thread(Loop, StackBytes) { IsBackground = true, Name = "F# engine" };
        thread.UnsafeStart(); // who began it is not who runs cells: their flow is not its own
    }

    /// <summary>Whether some work could not be stopped and still holds the thread; it may yet end by itself.</summary>
    public bool IsStuck => !left.IsCompleted;

    /// <summary>
    /// Runs the work and waits for it. After cancellation it gets two seconds to end by itself; then waits and managed
    /// code are broken off. Native code cannot be: after three more seconds this returns and leaves it behind.
    /// </summary>
    /// <returns>Whether the work ran to its end.</returns>
    public bool Run(Action action, CancellationToken cancellation)
    {
        using var abort = new CancellationTokenSource();
        var token = abort.Token;
        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        work.Add(() => Perform(action, done, token), CancellationToken.None);
        WaitHandle.WaitAny([((IAsyncResult)done.Task).AsyncWaitHandle, cancellation.WaitHandle]);
        if (!done.Task.Wait(done.Task.IsCompleted ? TimeSpan.Zero : Grace, CancellationToken.None))
        {
            left = BreakOff(done.Task, abort) ? Task.CompletedTask : done.Task;
        }

        return !IsStuck && done.Task.GetAwaiter().GetResult();
    }

    public void Dispose() => work.CompleteAdding();

    private void Loop()
    {
        foreach (var action in work.GetConsumingEnumerable())
        {
            action();
        }
    }

    private static void Perform(Action action, TaskCompletionSource<bool> done, CancellationToken abort)
    {
        var ended = false;
        try
        {
            Controlled(() => { action(); ended = true; }, abort);
            done.SetResult(ended);
        }
        catch (Exception error) when (error is OperationCanceledException or ThreadInterruptedException)
        {
            ForgetInterrupt();
            done.SetResult(ended);
        }
        catch (Exception error)
        {
            done.SetException(error);
        }
    }

    // The only way there is to break off a loop that asks no token; F# Interactive uses it for its own Ctrl-C.
    private static void Controlled(Action action, CancellationToken abort)
    {
        try
        {
#pragma warning disable SYSLIB0046
            System.Runtime.ControlledExecution.Run(action, abort);
#pragma warning restore SYSLIB0046
        }
        finally
        {
            CollectorSignal.Restore();
        }
    }

    // An interrupt that came too late would otherwise hit the next cell's first wait.
    private static void ForgetInterrupt()
    {
        try
        {
            Thread.Sleep(0);
        }
        catch (ThreadInterruptedException)
        {
            return;
        }
    }

    // A sleeping thread can be interrupted but not aborted, a running one the other way round.
    private bool BreakOff(Task done, CancellationTokenSource abort)
    {
        var until = DateTime.UtcNow + Patience;
        while (DateTime.UtcNow < until)
        {
            if (thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin))
            {
                thread.Interrupt();
            }
            else if (!abort.IsCancellationRequested)
            {
                // Cancelling waits for the abort, which native code may hold up for ever: not on this thread.
                _ = Task.Run(abort.Cancel);
            }

            if (done.Wait(TimeSpan.FromMilliseconds(250)))
            {
                return true;
            }
        }

        return false;
    }
}
