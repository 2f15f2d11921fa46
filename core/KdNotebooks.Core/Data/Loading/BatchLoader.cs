using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>How many images are evaluated at once.</summary>
/// <param name="Images">At most.</param>
/// <param name="Pixels">At most, over all images of a batch; a single image may have more.</param>
public readonly record struct EvaluationLimits(int Images, long Pixels = long.MaxValue);

/// <summary>
/// Deals a set out in batches, made ahead in the background. Which samples a batch holds, and every pixel of them, is a function of
/// seed and epoch alone: not of how far ahead it is, of threads, nor of earlier epochs.
/// </summary>
/// <remarks>
/// What costs time (files to unpack, crops to resize) is made sample by sample on several threads (<see cref="Workers"/>), images in
/// memory on one background task (<see cref="Prefetch"/>).
/// Written by hand, for TorchSharp's DataLoader makes nothing ahead and its batches die at the next one. Batches hold
/// managed arrays; tensors are made by the caller (<see cref="PixelBatch.On"/>), whose thread's dispose scopes then see
/// them.
/// </remarks>
public sealed class BatchLoader
{
    private readonly SampleSet set;
    private readonly IAugmentation augmentation;
    private readonly long seed;
    private readonly BatchSampler sampler;
    private readonly LoaderOptions options;
    private readonly ImageSize? size;

    /// <summary>For training: another order each epoch.</summary>
    /// <param name="set">The images.</param>
    /// <param name="batchSize">Images in a batch, at least 1.</param>
    /// <param name="seed">Of the order, and of the augmentation where that has none of its own.</param>
    /// <param name="augmentation">The default value null means none.</param>
    /// <param name="dropLast">Whether a last batch of fewer images is left out. The default value is false.</param>
    /// <param name="ahead">How many finished batches may wait, at least 1. The default value is 2.</param>
    /// <param name="workers">
    /// How many threads make samples; the default value null means what the environment variable KD_WORKERS says, else as many as
    /// there are processors. Nothing that comes out depends on it.
    /// </param>
    /// <param name="bytes">How many bytes of pixels may wait, beside one batch. The default value is 512 MB.</param>
    /// <exception cref="KdException">A size out of range, or no batch at all.</exception>
    public BatchLoader(
        SampleSet set, int batchSize, long seed, IAugmentation? augmentation = null, bool dropLast = false, int ahead = 2,
        int? workers = null, long bytes = LoaderOptions.UsualBytes)
        : this(
            set, batchSize, seed, augmentation ?? PaddedCrop.None, dropLast, new LoaderOptions(ahead, bytes, workers), shuffle: true)
    {
    }

    private BatchLoader(
        SampleSet set, int batchSize, long seed, IAugmentation augmentation, bool dropLast, LoaderOptions options, bool shuffle)
    {
        sampler = new BatchSampler(set.Count, batchSize, seed, dropLast, shuffle);
        (this.set, this.seed, this.augmentation, this.options) = (set, seed, augmentation, options.Sound());
        size = augmentation.SizeOf(set.OneSize);
    }

    public int BatchSize => sampler.BatchSize;

    /// <summary>Batches in an epoch.</summary>
    public int Count => sampler.Count;

    /// <summary>Every image once, in the set's order, unchanged.</summary>
    /// <exception cref="KdException">A batch size below 1.</exception>
    public static IEnumerable<PixelBatch> InOrder(SampleSet set, int batchSize, CancellationToken cancel = default) =>
        InOrder(set, batchSize, PaddedCrop.None, 0, 1, cancel);

    /// <summary>Every image once, in the set's order, in the view that training sees in that epoch.</summary>
    /// <param name="seed">Of the augmentation where that has none of its own.</param>
    /// <param name="epoch">Counted from 1.</param>
    /// <exception cref="KdException">A batch size or an epoch below 1.</exception>
    public static IEnumerable<PixelBatch> InOrder(
        SampleSet set, int batchSize, IAugmentation augmentation, long seed, int epoch,
        CancellationToken cancel = default) =>
        new BatchLoader(set, batchSize, seed, augmentation, dropLast: false, LoaderOptions.Usual, shuffle: false)
            .Epoch(epoch, cancel);

    /// <summary>
    /// For evaluation: the images of these indices once, in their order, unchanged. A batch holds images of one size
    /// alone, so that none is padded, and as many as the limits allow.
    /// </summary>
    /// <param name="indices">The default value null means all.</param>
    public static IEnumerable<PixelBatch> Unchanged(
        SampleSet set, EvaluationLimits limits, IReadOnlyList<int>? indices = null, CancellationToken cancel = default)
    {
        indices ??= [.. Enumerable.Range(0, set.Count)];
        return OfSizes(set, limits, [.. indices.Select(index => (index, set.SizeOf(index)))], cancel);
    }

    /// <summary>The same where the sizes are known already.</summary>
    internal static IEnumerable<PixelBatch> OfSizes(
        SampleSet set, EvaluationLimits limits, IReadOnlyList<(int Index, ImageSize Size)> images,
        CancellationToken cancel)
    {
        var groups = Groups(limits, images).ToList();
        var loader = new BatchLoader(set, 1, 0, PaddedCrop.None, dropLast: false, LoaderOptions.Usual, shuffle: false);
        return loader.Batches(groups.Count, number => groups[number], 0, 0, cancel);
    }

    /// <summary>The batches of one epoch. To stop early, leave the loop: the threads behind it have then ended.</summary>
    /// <param name="epoch">Counted from 1.</param>
    /// <exception cref="KdException">An epoch below 1; while enumerating, a file that cannot be read.</exception>
    /// <exception cref="OperationCanceledException">While enumerating, when cancelled.</exception>
    public IEnumerable<PixelBatch> Epoch(int epoch, CancellationToken cancel = default)
    {
        return Batches(sampler.Count, sampler.Epoch(epoch), augmentation.View(epoch), epoch, cancel);
    }

    // As many neighbors of one size as the limits allow; an image of another size begins the next batch.
    private static IEnumerable<int[]> Groups(EvaluationLimits limits, IReadOnlyList<(int Index, ImageSize Size)> images)
    {
        var (group, size) = (new List<int>(), default(ImageSize));
        foreach (var (index, own) in images)
        {
            if (group.Count > 0 && (own != size || group.Count == limits.Images
                || (group.Count + 1) * own.Pixels > limits.Pixels))
            {
                yield return [.. group];
                group.Clear();
            }

            size = own;
            group.Add(index);
        }

        if (group.Count > 0)
        {
            yield return [.. group];
        }
    }

    private IEnumerable<PixelBatch> Batches(
        int count, Func<int, int[]> indices, int view, int epoch, CancellationToken cancel)
    {
        var last = augmentation.Steps.OfType<IBatchAugmentation>().Where(step => !step.IsNone).ToList();
        PixelBatch Mixed(PixelBatch batch, int number) => last.Aggregate(
            batch, (changed, step) => step.Apply(changed, new Draw(augmentation.Seed ?? seed, epoch, number)));
        var bytes = size is { } known ? checked((int)(set.Channels * known.Pixels)) : 0;
        BatchJob Begin(int number) =>
            new(
                new SampleKeys(indices(number), view), (index, room) => Sample(index, view, room), bytes,
                last.Count == 0 ? null : batch => Mixed(batch, number));
        return set.IsInMemory && augmentation is PaddedCrop
            ? Prefetch.Enumerate(count, number => Begin(number).Whole(), options.Ahead, cancel)
            : Workers.Enumerate(count, Begin, options, cancel);
    }

    private Sample Sample(int index, int view, Memory<byte> room)
    {
        var sample = set.View(index, augmentation, new Draw(augmentation.Seed ?? seed, view, index, room));
        if (room.Length > 0 && sample.Pixels.Length != room.Length)
        {
            throw new KdException(
                $"{sample.Name}: {sample.Channels} x {sample.Size} pixels, where every image of {set.Name} should have "
                + $"{set.Channels} x {size}; expected one size.");
        }

        if (room.Length > 0 && !sample.Pixels.Span.Overlaps(room.Span))
        {
            sample.Pixels.CopyTo(room);
        }

        return sample;
    }
}
