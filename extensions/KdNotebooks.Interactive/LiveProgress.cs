using System.Diagnostics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive;

/// <summary>
/// Bars of long work as one display below the cell: replaced in place at most four times a second, and left as it was
/// at the end. Bars share a display until something else is shown below it.
/// </summary>
public sealed class LiveProgress : IProgressReporter
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private readonly Func<MimeBundle, IShownDisplay> show;
    private Group? group;
    private long shownBefore;

    /// <param name="show">How a display is shown; null for the current <see cref="Display.Host"/>.</param>
    public LiveProgress(Func<MimeBundle, IShownDisplay>? show = null) =>
        this.show = show ?? (bundle => Display.Host.Show(bundle));

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
                shown = owner.show(bundle);
            }
            else
            {
                shown.Update(bundle);
            }
        }
    }
}
