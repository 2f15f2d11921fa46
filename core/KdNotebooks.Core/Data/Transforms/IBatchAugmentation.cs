namespace KdNotebooks.Data;

/// <summary>An augmentation that looks at whole batches, when they are made: the last step of a chain.</summary>
public interface IBatchAugmentation : IAugmentation
{
    /// <param name="draw">What it draws its numbers from: a draw of seed, pass and number of the batch.</param>
    /// <returns>A batch of as many images of the same size.</returns>
    PixelBatch Apply(PixelBatch batch, Draw draw);
}
