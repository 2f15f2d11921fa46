using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Distillation;

/// <summary>
/// A teacher whose outputs are computed once for each view of each image, then read. Augmentation is a pure function of
/// seed, view and sample, so what is read can never disagree with the image that the student sees.
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

    /// <param name="live">Computes what is not there yet; owned from here on.</param>
    /// <param name="store">Owned from here on.</param>
    public CachedTeacher(
        LiveTeacher live, AugmentedSet images, IFeatureStore store, torch.Device device,
        IProgressReporter? progress = null, CancellationToken cancellation = default)
    {
        (this.live, this.images, this.store, this.device) = (live, images, store, device);
        (this.progress, this.cancellation) = (progress ?? ProgressReporter.Silent, cancellation);
    }

    public IReadOnlyList<string> Paths => live.Paths;

    public TeacherMaps Maps => live.Maps;

    public IReadOnlyDictionary<string, Tensor> Features(Batch batch)
    {
        if (!store.Has(batch.Keys.View, images.Data.Train.Count))
        {
            Compute(batch.Keys.View);
        }

        using var scope = torch.NewDisposeScope();
        return Paths.ToDictionary(path => path, path =>
        {
            var rows = store.Rows(batch.Keys.View, path, batch.Keys.Indices).to(device);
            return (rows.dim() == 4 ? rows.permute(0, 3, 1, 2) : rows).MoveToOuterDisposeScope();
        });
    }

    public void Dispose()
    {
        store.Dispose();
        live.Dispose();
    }

    private void Compute(int view)
    {
        using var bar = progress.Start(
            $"teacher features, view {view + 1}", images.Data.Train.Count, "images");
        store.Begin(view, images.Data.Train.Count);
        var (done, size) = (0, default(ImageSize?));
        foreach (var pixels in images.View(view, cancellation))
        {
            using var scope = torch.NewDisposeScope();
            var batch = pixels.On(images.Data.Mean, images.Data.Std, device);
            RequireOneSize(pixels, size ??= pixels.Size);
            store.Append(live.Features(batch).ToDictionary(
                entry => entry.Key, entry => entry.Value.dim() == 4 ? entry.Value.permute(0, 2, 3, 1) : entry.Value));
            bar.Report(done += batch.Count);
        }

        store.End();
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
