namespace KdNotebooks.Distillation;

/// <summary>
/// Where a teacher's features are kept: for each view and path a table with one row an image, and for each row the
/// print of the very image that the teacher saw.
/// </summary>
internal interface IFeatureStore : IDisposable
{
    /// <summary>Whether the view is there, and has this many rows.</summary>
    bool Has(int view, int rows);

    /// <summary>
    /// Begins a view, also one that is there; rows then come in order, and <see cref="End"/> makes it whole.
    /// </summary>
    void Begin(int view, int rows);

    /// <param name="features">By path, [n, ...]: the next n rows.</param>
    /// <param name="prints">[n], as <see cref="Data.PixelBatch.Prints"/>.</param>
    void Append(IReadOnlyDictionary<string, Tensor> features, UInt128[] prints);

    void End();

    /// <summary>[rows], of a view that is there.</summary>
    UInt128[] Prints(int view);

    /// <summary>Reads rows of a view, in the order of the indices.</summary>
    /// <returns>[n, ...] on the CPU; the caller's dispose scope owns it.</returns>
    /// <exception cref="DamagedFeaturesException">They are not what was written.</exception>
    Tensor Rows(int view, string path, int[] indices);
}
