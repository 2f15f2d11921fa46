namespace KdNotebooks.Native;

/// <summary>Frees what it is given later: when so many more have come, and so much time has passed, both.</summary>
/// <param name="free">Called in batches, by whoever adds, one caller at a time; it must not throw.</param>
/// <param name="atLeast">How many more: a process that was stopped and goes on has let much time pass at once.</param>
/// <param name="delay">How much time: a garbage collection lets go of many at once.</param>
/// <remarks>Safe from any thread. What nobody follows stays: the last few, and no more than twice a delay's.</remarks>
internal sealed class LateQueue(Action<nint> free, int atLeast, TimeSpan delay, TimeProvider clock)
{
    private readonly Lock gate = new();
    private List<nint> young = [], old = [];
    private long since = clock.GetTimestamp();

    public void Add(nint item)
    {
        lock (gate)
        {
            young.Add(item);
            if (young.Count < atLeast || clock.GetElapsedTime(since) < delay)
            {
                return;
            }

            old.ForEach(free);
            old.Clear();
            (young, old, since) = (old, young, clock.GetTimestamp());
        }
    }
}
