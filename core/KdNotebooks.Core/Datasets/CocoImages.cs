using KdNotebooks.Data;
using KdNotebooks.Data.Formats;
using KdNotebooks.Runtime;

namespace KdNotebooks.Datasets;

/// <summary>The image files of a file of annotations: whether they are there, and are what is said of them.</summary>
/// <remarks>
/// Boxes and masks are of the pixels as they are stored. EXIF's orientation is not applied, as torchvision and who reads
/// through Pillow do not apply it: what the annotations say an image's height and width are, decides. An image that EXIF
/// turns, and that was annotated turned, has another size than is said, and is refused.
/// </remarks>
internal sealed class CocoImages(CocoInstances all, string folder, string mend)
{
    private const int Many = 500; // that are not looked at in a moment

    /// <summary>Full path of one.</summary>
    public string FileOf(int image) => Path.Combine(folder, all.Images[image].FileName);

    /// <summary>What is wrong with them, in their order.</summary>
    /// <param name="decode">Whether all of their pixels are read; else the size alone.</param>
    /// <param name="images">Which.</param>
    /// <param name="title">Of the bar.</param>
    public IReadOnlyList<DataFinding> Check(bool decode, IReadOnlyList<int> images, string title, RunContext context)
    {
        var (found, done) = (new DataFinding?[images.Count], 0L);
        using var bar = images.Count < Many && !decode ? null : context.Progress.Start(title, found.Length, "images");
        Parallel.For(0, found.Length, new ParallelOptions { CancellationToken = context.Cancellation }, i =>
        {
            found[i] = Check(images[i], decode);
            lock (found) // a bar is drawn by one thread at a time
            {
                bar?.Report(++done);
            }
        });
        return [.. found.OfType<DataFinding>()];
    }

    /// <summary>How many have an orientation in EXIF that would turn or mirror them for a viewer.</summary>
    public int Turned() => Enumerable.Range(0, all.Images.Count).AsParallel()
        .Count(i => JpegReader.Orientation(FileOf(i)) != 1);

    private DataFinding? Check(int image, bool decode)
    {
        var (path, said) = (FileOf(image), all.Images[image]);
        try
        {
            if (!File.Exists(path))
            {
                return Wrong(path, image, "is missing");
            }

            var size = decode ? ColorReader.Read(path, ColorReader.Look.Whole).Size : ColorReader.ReadSize(path);
            return size == new ImageSize(said.Height, said.Width) ? null : Wrong(
                path, image, $"is {size} pixels large, its annotations say {said.Width}x{said.Height}{Turn(path, size, said)}");
        }
        catch (DataFileException problem)
        {
            return Wrong(path, image, problem.Reason);
        }
    }

    private static string Turn(string path, ImageSize size, CocoImage said) =>
        (size.Height, size.Width) == (said.Width, said.Height) && JpegReader.Orientation(path) is > 4 and var turn
            ? $": its EXIF orientation ({turn}) turns it for viewers, but boxes and masks are of the pixels as they are stored; "
                + "write the image turned (`exif_transpose` of Pillow, `jpegtran`)"
            : "";

    private DataFinding Wrong(string path, int image, string what)
    {
        var of = all.CountOf(image) switch
        {
            0 => "no annotation is made on it",
            1 => $"annotation {all.AnnotationsOf(image)[0].Id} is made on it",
            var count => $"annotation {all.AnnotationsOf(image)[0].Id} and {count - 1} more are made on it",
        };
        return new DataFinding(path, false, $"{what}; {of}. {mend}");
    }
}
