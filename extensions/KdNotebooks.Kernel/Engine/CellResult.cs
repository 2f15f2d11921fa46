namespace KdNotebooks.Kernel.Engine;

/// <summary>What came of evaluating a cell.</summary>
/// <param name="Outputs">In the order in which they came; what came before an error is kept.</param>
/// <param name="Error">Null where the cell succeeded or was cancelled.</param>
/// <param name="Cancelled">Whether it was stopped from outside.</param>
public sealed record CellResult(
    IReadOnlyList<CellOutput> Outputs, CellError? Error, bool Cancelled, TimeSpan Elapsed)
{
    public bool Succeeded => Error is null && !Cancelled;
}

/// <summary>
/// Told what a running cell puts out as it comes: one call at a time, from whichever thread put it out. It must not
/// write to <see cref="Console"/>, which is redirected while the cell runs.
/// </summary>
public interface ICellEvents
{
    /// <summary>Text was printed: whole lines where the cell printed whole lines.</summary>
    /// <param name="name">"stdout" or "stderr".</param>
    void Printed(string name, string text);

    void Shown(DisplayOutput output);

    /// <summary>An earlier display was replaced in place, maybe by a later cell than the one that showed it.</summary>
    void Updated(DisplayOutput output);
}
