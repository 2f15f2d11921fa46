using System.Runtime.ExceptionServices;
using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>How many images are evaluated at once.</summary>
/// <param name="Images">At most.</param>
/// <param name="Pixels">At most, over all images of a batch; a single image may have more.</param>
public readonly record struct EvaluationLimits(int Images, long Pixels = long.MaxValue);

/// <summary>
/// Deals a set out in batches, made ahead on a background task. Which samples a batch holds, and every pixel of them,
/// is a function of seed and epoch alone: not of how far ahead the task ran, of threads, nor of earlier epochs.
/// </summary>
/// <remarks>
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
    private readonly ImageSize? size;

    /// <summary>For training: another order each epoch.</summary>
    /// <param name="set">The images.</param>
    /// <param name="batchSize">Images in a batch, at least 1.</param>
    /// <param name="seed">Of the order, and of the augmentation where that has none of its own.</param>
    /// <param name="augmentation">The default value null means none.</param>
    /// <param name="dropLast">Whether a last batch of fewer images is left out. The default value is false.</param>
    /// <param name="ahead">How many finished batches may wait, at least 1. The default value is 2.</param>
    /// <exception cref="KdException">A size out of range, or no batch at all.</exception>
    public BatchLoader(
        SampleSet set, int batchSize, long seed, IAugmentation? augmentation = null, bool dropLast = false, int ahead = 2)
        : this(set, batchSize, seed, augmentation ?? PaddedCrop.None, dropLast, ahead, shuffle: true)
    {
    }

    private BatchLoader(
        SampleSet set, int batchSize, long seed, IAugmentation augmentation, bool dropLast, int ahead, bool shuffle)
    {
        sampler = new BatchSampler(set.Count, batchSize, seed, dropLast, ahead, shuffle);
        (this.set, this.seed, this.augmentation) = (set, seed, augmentation);
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
        new BatchLoader(set, batchSize, seed, augmentation, dropLast: false, ahead: 2, shuffle: false)
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
        var loader = new BatchLoader(set, 1, 0, PaddedCrop.None, dropLast: false, ahead: 2, shuffle: false);
        return Prefetch.Enumerate(groups.Count, number => loader.Make(groups[number], 0), 2, cancel);
    }

    /// <summary>The batches of one epoch. To stop early, leave the loop: the task behind it has then ended.</summary>
    /// <param name="epoch">Counted from 1.</param>
    /// <exception cref="KdException">An epoch below 1; while enumerating, a file that cannot be read.</exception>
    /// <exception cref="OperationCanceledException">While enumerating, when cancelled.</exception>
    public IEnumerable<PixelBatch> Epoch(int epoch, CancellationToken cancel = default)
    {
        var view = augmentation.View(epoch);
        return sampler.Epoch(epoch, indices => Make(indices, view), cancel);
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

    private PixelBatch Make(int[] indices, int view)
    {
        var samples = new Sample[indices.Length];
        var bytes = size is { } known ? checked((int)(set.Channels * known.Pixels)) : 0;
        // Where every image has one size, each is written where it belongs in the batch at once.
        var room = bytes > 0 ? GC.AllocateUninitializedArray<byte>(checked(indices.Length * bytes)) : null;
        void One(int i) => samples[i] = Sample(indices[i], view, room.AsMemory(i * bytes, bytes));
        if (set.IsInMemory || indices.Length == 1)
        {
            for (var i = 0; i < indices.Length; i++)
            {
                One(i);
            }
        }
        else
        {
            SideBySide(indices.Length, One);
        }

        return PixelBatch.Of(samples, new SampleKeys(indices, view), room);
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

    // Each sample has its place, whoever makes it. An error comes out as it is, not in a bundle.
    private static void SideBySide(int count, Action<int> make)
    {
        try
        {
            Parallel.For(0, count, make);
        }
        catch (AggregateException problems)
        {
            ExceptionDispatchInfo.Throw(problems.InnerExceptions[0]);
        }
    }
}
