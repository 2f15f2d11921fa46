namespace KdNotebooks.Distillation;

/// <summary>
/// Features in memory, one tensor for each view and path. A view that cannot come again gives way to the next one.
/// </summary>
/// <param name="comesAgain">Whether a view is worth keeping when another begins; null where each is.</param>
internal sealed class MemoryFeatureStore(Func<int, bool>? comesAgain = null) : IFeatureStore
{
    private readonly Dictionary<int, View> views = [];
    private View? open;
    private int openView;

    public bool Has(int view, int rows) => views.TryGetValue(view, out var kept) && kept.Prints.Length == rows;

    public void Begin(int view, int rows)
    {
        open?.Dispose();
        // First, so that it does not lie beside what takes its place.
        foreach (var gone in views.Keys.Where(kept => kept == view || comesAgain?.Invoke(kept) == false).ToList())
        {
            views.Remove(gone, out var before);
            before!.Dispose();
        }

        (open, openView) = (new View(rows), view);
    }

    public void Append(IReadOnlyDictionary<string, Tensor> features, UInt128[] prints) =>
        open!.Append(features, prints);

    public void End()
    {
        views[openView] = open!;
        open = null;
    }

    public UInt128[] Prints(int view) => views[view].Prints;

    public Tensor Rows(int view, string path, int[] indices)
    {
        using var rows = torch.tensor(indices);
        return views[view].Tables[path].index_select(0, rows);
    }

    public void Dispose()
    {
        open?.Dispose();
        views.Values.ToList().ForEach(view => view.Dispose());
        views.Clear();
    }

    private sealed class View(int rows) : IDisposable
    {
        private int filled;

        public Dictionary<string, Tensor> Tables { get; } = [];

        public UInt128[] Prints { get; } = new UInt128[rows];

        public void Append(IReadOnlyDictionary<string, Tensor> features, UInt128[] prints)
        {
            using var noGrad = torch.no_grad();
            using var scope = torch.NewDisposeScope();
            foreach (var (path, values) in features)
            {
                if (!Tables.TryGetValue(path, out var table))
                {
                    // The table is made whole at once: no second copy of it is needed at the end.
                    Tables[path] = table =
                        torch.empty([rows, .. values.shape[1..]], dtype: values.dtype).DetachFromDisposeScope();
                }

                table.narrow(0, filled, prints.Length).copy_(values);
            }

            prints.CopyTo(Prints, filled);
            filled += prints.Length;
        }

        public void Dispose() => Tables.Values.ToList().ForEach(table => table.Dispose());
    }
}
