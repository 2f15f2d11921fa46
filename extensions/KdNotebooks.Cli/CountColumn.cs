using KdNotebooks.Interactive;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace KdNotebooks.Cli;

/// <summary>
/// "15 %, 120/800 steps, 14.2/s, 48 s left, loss 0.31": what Spectre's own columns do not hold together.
/// </summary>
internal sealed class CountColumn : ProgressColumn
{
    /// <summary>The key of a task's <see cref="BarState"/>.</summary>
    public const string State = "state";

    protected override bool NoWrap => true;

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
    {
        var elapsed = task.ElapsedTime ?? TimeSpan.Zero;
        var state = task.State.Get<BarState>(State);
        var parts = new List<string>();
        if (state.Total > 0)
        {
            parts.Add($"{100.0 * state.Done / state.Total,3:F0} %");
        }

        if (state.Done > 0)
        {
            parts.Add(state.Total > 0 ? $"{state.Done}/{state.Total} {state.Unit}" : $"{state.Done} {state.Unit}");
            parts.Add($"{state.Done / Math.Max(elapsed.TotalSeconds, 1e-3):F1}/s");
        }

        var left = task.StopTime is null ? Duration.Left(elapsed, state.Done, state.Total) : null;
        parts.Add(left is { } time ? $"{Duration.Text(time)} left" : Duration.Text(elapsed));
        if (!string.IsNullOrEmpty(state.Note))
        {
            parts.Add(state.Note);
        }

        return new Text(string.Join(", ", parts)) { Overflow = Overflow.Ellipsis };
    }
}

/// <summary>A value, because that is what Spectre keeps for a task.</summary>
internal readonly record struct BarState(long Done, long Total, string Unit, string? Note);
