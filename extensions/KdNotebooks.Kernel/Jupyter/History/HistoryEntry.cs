namespace KdNotebooks.Kernel.Jupyter.History;

/// <summary>A cell that was run.</summary>
/// <param name="Session">Kernels count up from 1, restarts included.</param>
/// <param name="Line">The cell's execution count in its session.</param>
/// <param name="Output">Its value as text; null where it has none.</param>
internal sealed record HistoryEntry(int Session, int Line, string Input, string? Output);
