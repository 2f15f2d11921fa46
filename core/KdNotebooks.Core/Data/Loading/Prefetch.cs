using System.Threading.Channels;

namespace KdNotebooks.Data;

/// <summary>Makes a sequence ahead of who reads it, on one background task.</summary>
internal static class Prefetch
{
    /// <summary>make(0) to make(count - 1), of which at most <paramref name="ahead"/> wait finished.</summary>
    /// <remarks>
    /// An exception of <paramref name="make"/> comes out in its place in the sequence. Leaving the enumeration cancels
    /// the task and waits for it; a full queue holds no thread.
    /// </remarks>
    public static IEnumerable<T> Enumerate<T>(int count, Func<int, T> make, int ahead, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var queue = Channel.CreateBounded<T>(
            new BoundedChannelOptions(ahead) { SingleReader = true, SingleWriter = true });
        var task = Task.Run(() => FillAsync(queue.Writer, count, make, stop.Token), CancellationToken.None);
        try
        {
            while (Next(queue.Reader, cancel))
            {
                while (queue.Reader.TryRead(out var item))
                {
                    cancel.ThrowIfCancellationRequested();
                    yield return item;
                }
            }
        }
        finally
        {
            stop.Cancel();
            task.GetAwaiter().GetResult();
        }
    }

    // A notebook's or a trainer's loop is synchronous, so this thread waits here; that it never runs the task's
    // continuations is the channel's default.
    private static bool Next<T>(ChannelReader<T> reader, CancellationToken cancel) =>
        reader.WaitToReadAsync(cancel).AsTask().GetAwaiter().GetResult();

    // Never fails itself: what goes wrong goes to the reader.
    private static async Task FillAsync<T>(
        ChannelWriter<T> writer, int count, Func<int, T> make, CancellationToken stop)
    {
        try
        {
            for (var number = 0; number < count; number++)
            {
                stop.ThrowIfCancellationRequested();
                await writer.WriteAsync(make(number), stop).ConfigureAwait(false);
            }

            writer.Complete();
        }
        catch (Exception problem)
        {
            writer.Complete(problem);
        }
    }
}
