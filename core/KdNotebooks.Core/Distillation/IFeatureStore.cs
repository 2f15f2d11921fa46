namespace KdNotebooks.Distillation;

/// <summary>Where a teacher's features are kept: for each view and path a table with one row an image.</summary>
internal interface IFeatureStore : IDisposable
{
    /// <summary>Whether the view is there, and has this many rows.</summary>
    bool Has(int view, int rows);

    /// <summary>Begins a view; rows then come in order, and <see cref="End"/> makes the view whole.</summary>
    void Begin(int view, int rows);

    /// <param name="features">By path, [n, ...]: the next n rows.</param>
    void Append(IReadOnlyDictionary<string, Tensor> features);

    void End();

    /// <summary>Reads rows of a view, in the order of the indices.</summary>
    /// <returns>[n, ...] on the CPU; the caller's dispose scope owns it.</returns>
    Tensor Rows(int view, string path, int[] indices);
}
