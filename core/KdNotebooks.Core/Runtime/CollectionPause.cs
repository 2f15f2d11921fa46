using System.Runtime;

namespace KdNotebooks.Runtime;

/// <summary>Keeps garbage collections out of training steps; they take place between two steps instead.</summary>
/// <remarks>
/// TorchSharp 0.107.0 hands a native call the address inside a <c>Scalar</c> and does not keep the object alive: a
/// collection that another thread's allocation sets off in that moment lets the finaliser free the number while libtorch
/// reads it. Seen here once in some ten thousand steps, as an exception out of an addition; a wrong number would not
/// even be seen. Every sum and every optimiser's update passes a scalar, in user code too, so the one place to mend it
/// from outside is the collector. A process has one pause: a second holder relies on the first's.
/// </remarks>
internal sealed class CollectionPause : IDisposable
{
    // What is set aside, and how much of it may be used before the next step collects: a step takes some hundred
    // kilobytes, an evaluation or a pass of a teacher between two steps a few megabytes.
    private const long Room = 128 << 20, Enough = 96 << 20;

    private static readonly Lock Gate = new();
    private static CollectionPause? holder;

    private long since;

    /// <summary>Call it before a step, while nothing native runs on this thread: collects if it is time to.</summary>
    public void Renew()
    {
        lock (Gate)
        {
            if (holder is not null && holder != this)
            {
                return;
            }

            if (holder == this && IsOn && GC.GetTotalAllocatedBytes() - since < Enough)
            {
                return;
            }

            End();
            // The one collection of everything is the runtime's own, at the start of a pause.
            holder = GC.TryStartNoGCRegion(Room) ? this : null;
            since = GC.GetTotalAllocatedBytes();
        }
    }

    /// <summary>Lets collections happen again.</summary>
    public void Dispose()
    {
        lock (Gate)
        {
            if (holder == this)
            {
                End();
                holder = null;
            }
        }
    }

    // Off by itself where more was allocated than was set aside.
    private static bool IsOn => GCSettings.LatencyMode == GCLatencyMode.NoGCRegion;

    private static void End()
    {
        try
        {
            if (IsOn)
            {
                GC.EndNoGCRegion();
            }
        }
        catch (InvalidOperationException)
        {
            // It ended by itself between the question and the call.
        }
    }
}
