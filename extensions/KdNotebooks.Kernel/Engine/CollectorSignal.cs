using System.Runtime.InteropServices;

namespace KdNotebooks.Kernel.Engine;

/// <summary>The signal by which the garbage collector stops a thread that runs managed code, on Linux.</summary>
internal static partial class CollectorSignal
{
    private const int Unblock = 1, Bits = 64, SetWords = 1024 / Bits;

    /// <summary>Lets the collector stop this thread again; call it after code on it was broken off.</summary>
    /// <remarks>
    /// .NET 10 throws the abort of <see cref="System.Runtime.ControlledExecution"/> out of the signal's handler. The
    /// signal stays blocked for the thread, and the runtime believes that one is on its way: the next loop without a
    /// call into the runtime holds up a collection, and with it the whole process, until it ends.
    /// </remarks>
    public static void Restore()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var signal = FirstRealTimeSignal();
        var (wanted, before) = (new ulong[SetWords], new ulong[SetWords]);
        wanted[(signal - 1) / Bits] = 1UL << ((signal - 1) % Bits);
        ChangeMask(Unblock, wanted, before);
        if ((before[(signal - 1) / Bits] & wanted[(signal - 1) / Bits]) != 0)
        {
            // The handler finds no managed code here, and takes back that one is on its way.
            _ = Send(Self(), signal);
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "__libc_current_sigrtmin")]
    private static partial int FirstRealTimeSignal();

    [LibraryImport("libc.so.6", EntryPoint = "pthread_sigmask")]
    private static partial int ChangeMask(int how, [In] ulong[] set, [Out] ulong[] before);

    [LibraryImport("libc.so.6", EntryPoint = "pthread_kill")]
    private static partial int Send(nint thread, int signal);

    [LibraryImport("libc.so.6", EntryPoint = "pthread_self")]
    private static partial nint Self();
}
