using KdNotebooks.Interactive.Charts;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive;

/// <summary>What a cell is given: where it shows, beside what all long work is given.</summary>
/// <param name="Host">Where displays go.</param>
/// <param name="Progress">Where bars are shown.</param>
/// <param name="Output">The folder for what an experiment leaves behind.</param>
/// <param name="Cancellation">Stops the cell.</param>
public sealed record HostContext(
    IDisplayHost Host, IProgressReporter Progress, string Output, CancellationToken Cancellation)
    : RunContext(Progress, Output, Cancellation)
{
    // One object for this context and all that "with" makes of it.
    private readonly CellState cell = new();

    /// <summary>
    /// How methods are drawn. A host of several cells gives all of them its notebook's; the default is new.
    /// </summary>
    public MethodStyles Styles { get; init; } = new();

    /// <summary>How many values were shown: whether anything came between two moments.</summary>
    internal long Count => Interlocked.Read(ref cell.Shown);

    /// <summary>When the cell's clock was started, in the ticks of a stopwatch; null where it was not.</summary>
    internal long? ClockStarted
    {
        get => cell.ClockStarted;
        set => cell.ClockStarted = value;
    }

    internal IShownDisplay Show(object? value)
    {
        Interlocked.Increment(ref cell.Shown);
        return Host.Show(Formatters.Format(value));
    }

    private sealed class CellState
    {
        public long Shown;

        public long? ClockStarted { get; set; }
    }
}
