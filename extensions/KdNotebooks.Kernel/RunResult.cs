using KdNotebooks.Kernel.Engine;

namespace KdNotebooks.Kernel;

/// <summary>What came of running a notebook.</summary>
/// <param name="CellsRun">Code cells that ran, the failing one included.</param>
/// <param name="Cells">Code cells that there are; those without text do not count.</param>
/// <param name="Failed">Null where every cell succeeded or the run was cancelled.</param>
/// <param name="Files">
/// What the run left in its folder, whatever its end: the executed notebook and the report first.
/// </param>
public sealed record RunResult(
    int CellsRun, int Cells, FailedCell? Failed, bool Cancelled, TimeSpan Elapsed, IReadOnlyList<string> Files)
{
    public bool Succeeded => Failed is null && !Cancelled;
}

/// <summary>The cell at which a run stopped.</summary>
/// <param name="Number">As it stands beside the cell: the first code cell is 1.</param>
public sealed record FailedCell(int Number, string Source, CellError Error);

/// <summary>Told how a run goes on; see <see cref="ICellEvents"/> for the rules.</summary>
public interface IRunEvents : ICellEvents
{
    /// <param name="number">From 1.</param>
    /// <param name="title">The last heading before the cell; empty where there is none.</param>
    void Started(int number, int total, string title);

    void Finished(int number, CellResult result);
}
