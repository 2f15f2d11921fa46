namespace KdNotebooks.Losses;

/// <summary>
/// How a loss over a map becomes one number. The weight alpha belongs to the reduction: alpha for <see cref="Mean"/>
/// is alpha for <see cref="SumPerBatch"/> times C H W (docs/method.md, 1.5).
/// </summary>
public enum Reduction
{
    /// <summary>Sum over everything, divided by the images in the batch: the papers'.</summary>
    SumPerBatch,

    /// <summary>Mean over everything: comparable between maps of different size.</summary>
    Mean,
}
