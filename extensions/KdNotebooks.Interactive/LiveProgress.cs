using System.Diagnostics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive;

/// <summary>
/// Bars of long work as one display below the cell: replaced in place at most four times a second, and left as it was
/// at the end. Bars share a display until something else is shown below it.
/// </summary>
/// <param name="show">How a display is shown.</param>
public sealed class LiveProgress(Func<MimeBundle, IShownDisplay> show) : IProgressReporter
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private Group? group;
    private long shownBefore;

    public IProgressTask Start(string title, long total, string unit)
    {
        lock (gate)
        {
            if (group is null || (group.IsOver && Display.Count != shownBefore))
            {
                group = new Group(this);
            }

            shownBefore = Display.Count;
            return group.Add(title, total, unit);
        }
    }

    private IShownDisplay Show(MimeBundle bundle) => show(bundle);

    /// <summary>What one display holds.</summary>
    private sealed class Group(LiveProgress owner)
    {
        private readonly List<ProgressBar> bars = [];
        private IShownDisplay? shown;
        private long drawn;

        public bool IsOver => bars.Count > 0 && bars.TrueForAll(bar => bar.IsClosed);

        public ProgressBar Add(string title, long total, string unit)
        {
            var bar = new ProgressBar(title, total, unit, Changed);
            bars.Add(bar);
            Draw();
            return bar;
        }

        private void Changed(ProgressBar bar, Action change)
        {
            lock (owner.gate)
            {
                change();
                if (IsOver || Stopwatch.GetElapsedTime(drawn) >= Pause)
                {
                    Draw();
                }
            }
        }

        private void Draw()
        {
            drawn = Stopwatch.GetTimestamp();
            var bundle = ProgressBundle.Of(bars);
            if (shown is null)
            {
                shown = owner.Show(bundle);
            }
            else
            {
                shown.Update(bundle);
            }
        }
    }
}
