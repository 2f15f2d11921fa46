using System.Runtime.ExceptionServices;

namespace KdNotebooks.Data;

/// <summary>
/// Makes batches ahead of who reads them, sample by sample on several threads. A slow image holds up its own batch alone: the others
/// go on with those behind it, as far as may wait.
/// </summary>
/// <remarks>
/// Threads of its own, which end with the enumeration: the pool's would be taken from whoever else needs them, and could not be
/// waited for. Which thread makes what is left to chance; where it is put is not.
/// </remarks>
internal sealed class Workers
{
    private readonly object gate = new();
    private readonly Func<int, BatchJob> begin;
    private readonly int count;
    private readonly LoaderOptions options;
    private readonly CancellationToken cancel;
    private readonly Dictionary<int, Making> batches = []; // begun and not read yet
    private Making? current; // whose samples are dealt out
    private int next, read; // batches that were begun; that were read
    private long held, made, images; // bytes that wait; bytes and images that were made
    private bool stopped;

    private Workers(int count, Func<int, BatchJob> begin, LoaderOptions options, CancellationToken cancel) =>
        (this.count, this.begin, this.options, this.cancel) = (count, begin, options, cancel);

    /// <summary>The batches of begin(0) to begin(count - 1), in their order.</summary>
    /// <remarks>
    /// An exception of a sample comes out in the place of its batch; of several in a batch the first sample's. Leaving the
    /// enumeration waits for the threads to end.
    /// </remarks>
    /// <exception cref="OperationCanceledException">While enumerating, when cancelled.</exception>
    public static IEnumerable<PixelBatch> Enumerate(
        int count, Func<int, BatchJob> begin, LoaderOptions options, CancellationToken cancel)
    {
        var workers = new Workers(count, begin, options, cancel);
        using var wake = cancel.Register(workers.Wake);
        var threads = Enumerable.Range(0, options.Threads()).Select(i => new Thread(workers.Work)
        {
            Name = $"kd-loader-{i}",
            IsBackground = true,
        }).ToList();
        threads.ForEach(thread => thread.Start());
        try
        {
            for (var number = 0; number < count; number++)
            {
                yield return workers.Next(number);
            }
        }
        finally
        {
            workers.Stop();
            threads.ForEach(thread => thread.Join());
        }
    }

    private PixelBatch Next(int number)
    {
        lock (gate)
        {
            while (true)
            {
                cancel.ThrowIfCancellationRequested();
                if (batches.TryGetValue(number, out var making) && (making.Batch is not null || making.Failed is not null))
                {
                    batches.Remove(number);
                    read++;
                    held -= making.Held;
                    Monitor.PulseAll(gate);
                    making.Failed?.Throw();
                    return making.Batch!;
                }

                Monitor.Wait(gate);
            }
        }
    }

    private void Work()
    {
        while (Take() is var (making, sample))
        {
            Make(making, sample);
        }
    }

    // The next sample that may be made; null where there is none any more.
    private (Making, int)? Take()
    {
        lock (gate)
        {
            while (!stopped && !cancel.IsCancellationRequested)
            {
                if (current is { } making && making.Dealt < making.Job.Count)
                {
                    return (making, making.Dealt++);
                }

                if (next == count)
                {
                    return null;
                }

                if (MayBegin())
                {
                    var job = begin(next);
                    // What is not known of images to come is taken from those before.
                    current = new Making(job, job.Bytes > 0 || images == 0 ? job.Bytes : made / images * job.Count);
                    held += current.Held;
                    batches[next++] = current;
                }
                else
                {
                    Monitor.Wait(gate);
                }
            }

            return null;
        }
    }

    // The batch that is waited for is begun whatever it takes; another when it is known what an image takes.
    private bool MayBegin() => next == read
        || (next <= read + options.Ahead && held < options.Bytes && (held > 0 || images > 0));

    private void Make(Making making, int sample)
    {
        var (bytes, problem) = (0L, default(ExceptionDispatchInfo?));
        try
        {
            bytes = making.Job.Make(sample);
        }
        catch (Exception error)
        {
            problem = ExceptionDispatchInfo.Capture(error);
        }

        lock (gate)
        {
            (made, images, making.Bytes) = (made + bytes, images + 1, making.Bytes + bytes);
            held += Math.Max(making.Bytes - making.Held, 0);
            making.Held = Math.Max(making.Bytes, making.Held);
            Monitor.PulseAll(gate);
            if (problem is not null && sample < making.FailedAt)
            {
                (making.FailedAt, making.Problem) = (sample, problem);
            }

            if (++making.Made < making.Job.Count)
            {
                return;
            }
        }

        Finish(making);
    }

    private void Finish(Making making)
    {
        var (batch, problem) = (default(PixelBatch?), making.Problem);
        try
        {
            batch = problem is null ? making.Job.Finish() : null;
        }
        catch (Exception error)
        {
            problem = ExceptionDispatchInfo.Capture(error);
        }

        lock (gate)
        {
            (making.Batch, making.Failed) = (batch, problem);
            Monitor.PulseAll(gate);
        }
    }

    private void Stop()
    {
        lock (gate)
        {
            stopped = true;
            Monitor.PulseAll(gate);
        }
    }

    private void Wake()
    {
        lock (gate)
        {
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>A batch, and how far it is.</summary>
    private sealed class Making(BatchJob job, long held)
    {
        public BatchJob Job => job;

        public int Dealt { get; set; }

        public int Made { get; set; }

        public long Bytes { get; set; } = job.Bytes;

        public long Held { get; set; } = held;

        public int FailedAt { get; set; } = int.MaxValue;

        public ExceptionDispatchInfo? Problem { get; set; }

        public PixelBatch? Batch { get; set; }

        public ExceptionDispatchInfo? Failed { get; set; }
    }
}
