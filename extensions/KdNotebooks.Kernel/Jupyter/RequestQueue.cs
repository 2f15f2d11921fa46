using System.Collections.Concurrent;
using KdNotebooks.Kernel.Jupyter.Wire;

namespace KdNotebooks.Kernel.Jupyter;

/// <summary>A request, and the channel on which its reply goes.</summary>
internal sealed record Request(Channel Channel, JupyterMessage Message);

/// <summary>Requests that are handled one at a time, in order, on a thread of their own.</summary>
internal sealed class RequestQueue : IDisposable
{
    private readonly BlockingCollection<(long Number, Request Request)> waiting = [];
    private readonly Thread thread;
    private long added;
    private long ended;

    /// <param name="handle">Gets each request and its number, counted from 0.</param>
    public RequestQueue(string name, Action<Request, long> handle)
    {
        thread = new Thread(() => Loop(handle)) { IsBackground = true, Name = name };
        thread.Start();
    }

    /// <summary>How many requests have come; the next one has this number.</summary>
    public long Added => Interlocked.Read(ref added);

    /// <summary>Whether a request is being handled or waits to be.</summary>
    public bool IsBusy => Interlocked.Read(ref ended) < Added;

    public void Add(Request request) => waiting.Add((Interlocked.Increment(ref added) - 1, request));

    /// <summary>Waits until all that was added has been handled; tells whether it has.</summary>
    public bool WaitUntilIdle(TimeSpan patience) => SpinWait.SpinUntil(() => !IsBusy, patience);

    public void Dispose() => waiting.CompleteAdding();

    private void Loop(Action<Request, long> handle)
    {
        foreach (var (number, request) in waiting.GetConsumingEnumerable())
        {
            handle(request, number);
            Interlocked.Increment(ref ended);
        }
    }
}
