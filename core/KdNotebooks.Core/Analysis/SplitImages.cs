using KdNotebooks.Data.Dense;
using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Analysis;

/// <summary>The images of one split as they are looked at: in order, unchanged, whatever their labels are.</summary>
internal sealed class SplitImages
{
    private readonly ImageSet? images;
    private readonly DenseSet? scenes;

    /// <param name="split">"test", "validation" or "train".</param>
    /// <exception cref="KdException">There is no such split, or it has no labels.</exception>
    public SplitImages(IDataset data, string split) => (images, scenes) = data switch
    {
        ImageData one => (one.SplitNamed(split), null),
        DenseData dense => ((ImageSet?)null, dense.SplitNamed(split)),
        _ => throw new KdException($"{data.Name}: a {data.GetType().Name} has no images that can be looked at."),
    };

    public int Count => images?.Count ?? scenes!.Count;

    /// <summary>[C, H, W] of one image.</summary>
    public long[] Shape(int index)
    {
        if (images is not null)
        {
            return [images.Channels, images.Height, images.Width];
        }

        var (height, width) = scenes!.SizeOf(index);
        return [3, height, width];
    }

    /// <summary>
    /// One image with the name of its class. A scene has no class of its own: it stands in one of its own name.
    /// </summary>
    public ImageSet Picture(int index)
    {
        if (images is not null)
        {
            return images.Slice(index, 1);
        }

        var scene = scenes!.Load(index);
        return new ImageSet(
            scenes.Name, 3, scene.Height, scene.Width, scene.Image, new byte[1], [Path.GetFileName(scene.Name)]);
    }

    /// <summary>One image as a batch.</summary>
    public IBatch One(int index) => images is not null
        ? BatchLoader.InOrder(images.Slice(index, 1), 1).Single()
        : new DenseBatch([scenes!.Load(index)], [index], 0);

    /// <summary>The first images.</summary>
    /// <param name="batchSize">Of images with one class; of scenes there are as many as fit.</param>
    /// <exception cref="KdException">Scenes differ in size: maps could not be compared place by place.</exception>
    public IEnumerable<IBatch> First(int count, int batchSize, CancellationToken cancellation)
    {
        if (images is not null)
        {
            return BatchLoader.InOrder(images.Take(count), batchSize, cancellation);
        }

        var (height, width) = (Shape(0)[1], Shape(0)[2]);
        return DenseLoader.InSizes(scenes!.Take(count), cancellation).Select(batch =>
            batch.Samples[0] is var scene && (scene.Height, scene.Width) == (height, width)
                ? batch
                : throw new KdException(
                    $"{scene.Name}: {scene.Width}x{scene.Height} pixels, the first image of the split has "
                    + $"{width}x{height}; layers are compared over images of one size."));
    }
}
