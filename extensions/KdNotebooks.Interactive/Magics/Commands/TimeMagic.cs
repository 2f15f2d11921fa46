using System.Diagnostics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Magics.Commands;

/// <summary><c>#!time</c>: how long the rest of the cell takes. A host that runs cells does the timing.</summary>
internal sealed class TimeMagic : MagicCommand
{
    public const string Word = "time";

    public override string Name => Word;

    public override string Summary => "Shows how long the rest of the cell took.";

    public override string Example => "time";

    public override bool HasResult => false;

    public override bool OnCommandLine => false;

    public override object? Invoke(MagicArguments arguments)
    {
        CellClock.Start();
        return null;
    }
}

/// <summary>The clock that a cell has started; the host that runs the cell shows it at the end.</summary>
public static class CellClock
{
    internal static void Start()
    {
        if (RunContext.Current is HostContext host)
        {
            host.ClockStarted = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>Shows the time since it was started, where it was, and stops it.</summary>
    public static void Stop()
    {
        if (RunContext.Current is HostContext { ClockStarted: { } since } host)
        {
            host.ClockStarted = null;
            Display.Show(MimeBundle.OfText($"Wall time: {Duration.Text(Stopwatch.GetElapsedTime(since))}"));
        }
    }
}
