namespace KdNotebooks.Distillation;

/// <summary>Features in memory, one tensor for each view and path.</summary>
internal sealed class MemoryFeatureStore : IFeatureStore
{
    private readonly Dictionary<int, Dictionary<string, Tensor>> views = [];
    private Dictionary<string, Tensor> open = [];
    private int openView, openRows, filled;

    public bool Has(int view, int rows) =>
        views.TryGetValue(view, out var tables) && tables.Values.All(table => table.shape[0] == rows);

    public void Begin(int view, int rows)
    {
        Free(open);
        (open, openView, openRows, filled) = ([], view, rows, 0);
    }

    public void Append(IReadOnlyDictionary<string, Tensor> features)
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var count = features.Values.First().shape[0];
        foreach (var (path, rows) in features)
        {
            if (!open.TryGetValue(path, out var table))
            {
                // The table is made whole at once: no second copy of it is needed at the end.
                open[path] = table =
                    torch.empty([openRows, .. rows.shape[1..]], dtype: rows.dtype).DetachFromDisposeScope();
            }

            table.narrow(0, filled, count).copy_(rows);
        }

        filled += (int)count;
    }

    public void End()
    {
        views[openView] = open;
        open = [];
    }

    public Tensor Rows(int view, string path, int[] indices)
    {
        using var rows = torch.tensor(indices);
        return views[view][path].index_select(0, rows);
    }

    public void Dispose()
    {
        Free(open);
        views.Values.ToList().ForEach(Free);
        views.Clear();
    }

    private static void Free(Dictionary<string, Tensor> tables) =>
        tables.Values.ToList().ForEach(table => table.Dispose());
}
