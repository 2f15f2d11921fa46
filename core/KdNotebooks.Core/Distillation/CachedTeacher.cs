using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Distillation;

/// <summary>
/// A teacher whose outputs are computed once for each view of each image, then read. Augmentation is a pure function of
/// seed, view and sample; and each row is kept with the print of the image that it was made of, which is compared with
/// the image that the student sees: features of other pixels are never served, whatever became of data, code or files.
/// </summary>
/// <remarks>Maps are kept as [N, H, W, C], so that what is read is channels-last, as the student's map is.</remarks>
internal sealed class CachedTeacher : ITeacher
{
    private readonly LiveTeacher live;
    private readonly AugmentedSet images;
    private readonly IFeatureStore store;
    private readonly torch.Device device;
    private readonly IProgressReporter progress;
    private readonly CancellationToken cancellation;
    private readonly HashSet<int> made = []; // by this one, not found

    /// <param name="live">Computes what is not there yet; owned from here on.</param>
    /// <param name="store">Owned from here on.</param>
    public CachedTeacher(
        LiveTeacher live, AugmentedSet images, IFeatureStore store, torch.Device device,
        IProgressReporter? progress = null, CancellationToken cancellation = default)
    {
        (this.live, this.images, this.store, this.device) = (live, images, store, device);
        (this.progress, this.cancellation) = (progress ?? ProgressReporter.Silent, cancellation);
    }

    /// <summary>What it computes with, for who wants one batch and no cache.</summary>
    public ITeacher Live => live;

    public IReadOnlyList<string> Paths => live.Paths;

    public TeacherMaps Maps => live.Maps;

    public IReadOnlyDictionary<string, Tensor> Features(Batch batch)
    {
        var view = batch.Keys.View;
        if (!store.Has(view, images.Data.Train.Count))
        {
            Compute(view);
        }

        if (TryRead(batch) is { } found)
        {
            return found;
        }

        RequireFound(view, batch);
        Compute(view);
        return TryRead(batch) ?? throw Other(batch);
    }

    public void Dispose()
    {
        store.Dispose();
        live.Dispose();
    }

    // Null where what is kept is damaged, or was made of other images than these.
    private Dictionary<string, Tensor>? TryRead(Batch batch)
    {
        if (Differs(batch) is not null)
        {
            return null;
        }

        using var scope = torch.NewDisposeScope();
        try
        {
            return Paths.ToDictionary(path => path, path =>
            {
                var rows = store.Rows(batch.Keys.View, path, batch.Keys.Indices).to(device);
                return (rows.dim() == 4 ? rows.permute(0, 3, 1, 2) : rows).MoveToOuterDisposeScope();
            });
        }
        catch (DamagedFeaturesException)
        {
            return null;
        }
    }

    // The first image that the teacher saw otherwise.
    private int? Differs(Batch batch)
    {
        var (kept, seen) = (store.Prints(batch.Keys.View), batch.Prints?.Invoke());
        var first = seen is null ? -1
            : Array.FindIndex([.. Enumerable.Range(0, seen.Length)], i => seen[i] != kept[batch.Keys.Indices[i]]);
        return first < 0 ? null : batch.Keys.Indices[first];
    }

    // What was found may be of yesterday's images. What was made a moment ago should not be.
    private void RequireFound(int view, Batch batch)
    {
        if (made.Contains(view) && Differs(batch) is not null)
        {
            throw Other(batch);
        }
    }

    private KdException Other(Batch batch) => Differs(batch) is { } image
        ? new KdException(
            $"{images.Data.Train.Name}: image {image} in view {batch.Keys.View + 1} has other pixels than when the teacher "
            + "saw it in this run. Either the images changed meanwhile (run again), or an augmentation is no function of "
            + "sample and draw alone (take its random numbers from the draw, or a live teacher).")
        : new KdException(
            $"{images.Data.Train.Name}: the teacher's features of view {batch.Keys.View + 1} were written and came back "
            + "as others; is the disk damaged? Take another cache folder, or a live teacher.");

    private void Compute(int view)
    {
        using var bar = progress.Start(
            $"teacher features, view {view + 1}", images.Data.Train.Count, "images");
        store.Begin(view, images.Data.Train.Count);
        var (done, size) = (0, default(ImageSize?));
        foreach (var pixels in images.View(view, cancellation))
        {
            using var scope = torch.NewDisposeScope();
            var batch = pixels.On(images.Data.Mean, images.Data.Std, device, images.Stride);
            RequireOneSize(pixels, size ??= pixels.Size);
            store.Append(
                live.Features(batch).ToDictionary(
                    entry => entry.Key,
                    entry => entry.Value.dim() == 4 ? entry.Value.permute(0, 2, 3, 1) : entry.Value),
                pixels.Prints());
            bar.Report(done += batch.Count);
        }

        store.End();
        made.Add(view);
    }

    // A table has one row an image, all of one shape.
    private static void RequireOneSize(PixelBatch batch, ImageSize? size)
    {
        if (batch.Sizes.Any(own => own != size))
        {
            throw new KdException(
                $"A cache of teacher features needs images of one size; these have {size} and "
                + $"{batch.Sizes.First(own => own != size)} pixels. Take crops, or a live teacher (leave `Pretrained.inMemory` or "
                + "`onDisk` out).");
        }
    }
}
