using System.Text;
using KdNotebooks.Interactive;

namespace KdNotebooks.Kernel.Engine;

/// <summary>Collects what one cell prints and shows, in order, and passes it on as it comes.</summary>
internal sealed class CellRecorder : IDisplayHost
{
    private static long displays;

    private readonly Lock gate = new();
    private readonly List<CellOutput> outputs = [];
    private readonly StringBuilder stream = new();
    private readonly ICellEvents? events;
    private string streamName = StreamOutput.Standard;

    public CellRecorder(ICellEvents? events)
    {
        this.events = events;
        Out = new CellWriter(gate, text => Print(StreamOutput.Standard, text));
        Error = new CellWriter(gate, text => Print(StreamOutput.Error, text));
    }

    /// <summary>Stands in for <see cref="Console.Out"/> while the cell runs.</summary>
    public CellWriter Out { get; }

    /// <summary>Stands in for <see cref="Console.Error"/> while the cell runs.</summary>
    public CellWriter Error { get; }

    public IShownDisplay Show(MimeBundle bundle) => Add(bundle, isResult: false, events);

    /// <summary>For a display that the host shows in its own way while it changes: kept, but not passed on.</summary>
    public IShownDisplay Keep(MimeBundle bundle) => Add(bundle, isResult: false, told: null);

    public void ShowResult(MimeBundle bundle) => Add(bundle, isResult: true, events);

    /// <summary>Everything so far.</summary>
    public IReadOnlyList<CellOutput> Outputs()
    {
        lock (gate)
        {
            FlushBoth();
            CloseStream();
            return [.. outputs];
        }
    }

    private ShownDisplay Add(MimeBundle bundle, bool isResult, ICellEvents? told)
    {
        lock (gate)
        {
            FlushBoth();
            CloseStream();
            var output = new DisplayOutput($"kd-{Interlocked.Increment(ref displays)}", bundle, isResult);
            outputs.Add(output);
            told?.Shown(output);
            return new ShownDisplay(this, output, told);
        }
    }

    private void Print(string name, string text)
    {
        if (name != streamName)
        {
            // What the other stream holds back was written earlier, so it comes first.
            (name == StreamOutput.Standard ? Error : Out).Flush();
            CloseStream();
            streamName = name;
        }

        stream.Append(text);
        events?.Printed(name, text);
    }

    private void CloseStream()
    {
        if (stream.Length > 0)
        {
            outputs.Add(new StreamOutput(streamName, stream.ToString()));
            stream.Clear();
        }
    }

    private void FlushBoth()
    {
        Out.Flush();
        Error.Flush();
    }

    private sealed class ShownDisplay(CellRecorder owner, DisplayOutput output, ICellEvents? told) : IShownDisplay
    {
        public void Update(MimeBundle bundle)
        {
            lock (owner.gate)
            {
                owner.FlushBoth();
                output.Bundle = bundle;
                told?.Updated(output);
            }
        }
    }
}
