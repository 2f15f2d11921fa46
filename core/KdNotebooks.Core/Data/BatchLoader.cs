using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>
/// Deals a set out in batches, made ahead on a background task. Which images a batch holds, and every pixel of them, is
/// a function of seed and epoch alone: not of how far ahead the task ran, nor of earlier epochs.
/// </summary>
/// <remarks>
/// Written by hand, for TorchSharp's DataLoader makes nothing ahead and its batches die at the next one. Batches hold
/// managed arrays; tensors are made by the caller (<see cref="Batch.ToTensors"/>), whose thread's dispose scopes then
/// see them.
/// </remarks>
public sealed class BatchLoader : IBatchLoader
{
    private readonly ImageSet _images;
    private readonly Augmentation _augmentation;
    private readonly long _seed;
    private readonly Deal _deal;

    /// <summary>For training: another order each epoch.</summary>
    /// <param name="batchSize">Images in a batch, at least 1.</param>
    /// <param name="seed">Of the order, and of the augmentation where that has none of its own.</param>
    /// <param name="augmentation">The default value null means none.</param>
    /// <param name="dropLast">Whether a last batch of fewer images is left out. The default value is false.</param>
    /// <param name="ahead">How many finished batches may wait, at least 1. The default value is 2.</param>
    /// <exception cref="KdException">A size out of range, or no batch at all.</exception>
    public BatchLoader(
        ImageSet images, int batchSize, long seed, Augmentation? augmentation = null,
        bool dropLast = false, int ahead = 2)
        : this(images, batchSize, seed, augmentation ?? Augmentation.None, dropLast, ahead, shuffle: true)
    {
    }

    private BatchLoader(
        ImageSet images, int batchSize, long seed, Augmentation augmentation, bool dropLast, int ahead, bool shuffle)
    {
        _deal = new Deal(("BatchLoader", "images"), images.Count, batchSize, seed, dropLast, ahead, shuffle);
        (_images, _seed, _augmentation) = (images, seed, augmentation);
    }

    public int BatchSize => _deal.BatchSize;

    /// <summary>Batches in an epoch.</summary>
    public int Count => _deal.Count;

    /// <summary>For evaluation: every image once, in the set's order, unchanged.</summary>
    /// <exception cref="KdException">A batch size below 1.</exception>
    public static IEnumerable<Batch> InOrder(ImageSet images, int batchSize, CancellationToken cancel = default) =>
        InOrder(images, batchSize, Augmentation.None, 0, 1, cancel);

    /// <summary>Every image once, in the set's order, in the view that training sees in that epoch.</summary>
    /// <param name="seed">Of the augmentation where that has none of its own.</param>
    /// <param name="epoch">Counted from 1.</param>
    /// <exception cref="KdException">A batch size or an epoch below 1.</exception>
    public static IEnumerable<Batch> InOrder(
        ImageSet images, int batchSize, Augmentation augmentation, long seed, int epoch,
        CancellationToken cancel = default) =>
        new BatchLoader(images, batchSize, seed, augmentation, dropLast: false, ahead: 2, shuffle: false)
            .Epoch(epoch, cancel);

    /// <summary>The batches of one epoch. To stop early, leave the loop: the task behind it has then ended.</summary>
    /// <param name="epoch">Counted from 1.</param>
    /// <exception cref="KdException">An epoch below 1.</exception>
    /// <exception cref="OperationCanceledException">While enumerating, when cancelled.</exception>
    public IEnumerable<Batch> Epoch(int epoch, CancellationToken cancel = default)
    {
        var view = _augmentation.View(epoch);
        return _deal.Epoch(epoch, indices => Make(indices, view), cancel);
    }

    IEnumerable<IBatch> IBatchLoader.Epoch(int epoch, CancellationToken cancel) => Epoch(epoch, cancel);

    private Batch Make(int[] indices, int view)
    {
        var size = _images.ImageSize;
        var pixels = GC.AllocateUninitializedArray<byte>(indices.Length * size);
        var labels = new long[indices.Length];
        for (var i = 0; i < indices.Length; i++)
        {
            Write(indices[i], view, pixels.AsSpan(i * size, size));
            labels[i] = _images.Labels.Span[indices[i]];
        }

        return new Batch(pixels, labels, indices, view, _images.Channels, _images.Height, _images.Width);
    }

    private void Write(int index, int view, Span<byte> target)
    {
        if (_augmentation.IsNone)
        {
            _images.Image(index).CopyTo(target);
            return;
        }

        _augmentation.Apply(
            _images.Image(index), target, _images.Channels, _images.Height, _images.Width, _seed, view, index);
    }
}
