using System.Collections.Concurrent;
using KdNotebooks.Data;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;

namespace KdNotebooks.Datasets;

/// <summary>
/// Fashion-MNIST: 28x28 gray images of clothing in ten classes. Xiao, Rasul and Vollgraf 2017 (arXiv:1708.07747); MIT
/// licence, Zalando SE.
/// </summary>
public static class FashionMnist
{
    private const string Mend =
        "Install the Debian package dataset-fashion-mnist, or run: kd data get fashion-mnist";

    // A failure is not kept, so that a mended folder is read at the next try.
    private static readonly ConcurrentDictionary<string, Lazy<Dataset>> Folders = new();

    private static readonly Lazy<Dataset> Embedded = new(FashionMnistMini.Read);

    /// <summary>The names of classes 0 to 9, as in the project's README.</summary>
    public static IReadOnlyList<string> ClassNames { get; } =
    [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ];

    /// <summary>
    /// Mean of pixels / 255 over the 60,000 official training images; the same for the full set and the mini set, so
    /// that a teacher of the one fits the other.
    /// </summary>
    public static IReadOnlyList<float> Mean { get; } = [0.2860f];

    /// <summary>Standard deviation of pixels / 255 over the same images.</summary>
    public static IReadOnlyList<float> Std { get; } = [0.3530f];

    /// <summary>Where the project's README publishes the four files.</summary>
    public static Uri Source { get; } = new("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/");

    /// <summary>The licence's text.</summary>
    public static string Licence => FashionMnistMini.Licence;

    /// <summary>
    /// The subset within this library: 5,000 train, 2,000 validation and 5,000 test images, equally many of each class.
    /// Decoded at the first call, then kept.
    /// </summary>
    public static Dataset Mini() => Embedded.Value;

    /// <summary>55,000 train, 5,000 validation and 10,000 test images. Read at the first call, then kept.</summary>
    /// <param name="folder">Of the files; the default value null means the first place of <see cref="Locate"/>.</param>
    /// <exception cref="KdException">The files are nowhere.</exception>
    /// <exception cref="DataFileException">A file is missing, damaged, or other than the official one.</exception>
    public static Dataset Full(string? folder = null)
    {
        var key = Path.GetFullPath(folder ?? Found(FashionMnistPlaces.OfThisMachine));
        return Folders.GetOrAdd(
            key, static path => new(() => ReadFull(path), LazyThreadSafetyMode.PublicationOnly)).Value;
    }

    /// <summary>Every place that <see cref="Full"/> looks at, in order, and what is missing there.</summary>
    public static IReadOnlyList<DataPlace> Locate() => FashionMnistPlaces.OfThisMachine.Look();

    /// <summary>Compares the four files of a copy with the official content.</summary>
    /// <param name="folder">The default value null means the first complete place of <see cref="Locate"/>.</param>
    /// <returns>One finding a file; a missing file is a finding too.</returns>
    /// <exception cref="KdException">No folder is given and the files are nowhere.</exception>
    public static IReadOnlyList<DataFinding> Verify(string? folder = null)
    {
        var place = Path.GetFullPath(folder ?? Found(FashionMnistPlaces.OfThisMachine));
        return [.. FashionMnistFile.All.Select(file => Verify(file, place))];
    }

    /// <summary>Downloads the four files; those already there and right are left as they are.</summary>
    /// <param name="folder">The default value null means fashion-mnist below <see cref="DataFolders.User"/>.</param>
    /// <param name="source">A folder on a server, ending in "/"; by default null: <see cref="Source"/>.</param>
    /// <param name="context">The default value null means the current one.</param>
    /// <returns>The folder.</returns>
    /// <exception cref="KdException">A file could not be fetched, or is not the official one.</exception>
    public static async Task<string> DownloadAsync(
        string? folder = null, Uri? source = null, RunContext? context = null)
    {
        context ??= RunContext.Current;
        var target = Path.GetFullPath(folder ?? FashionMnistPlaces.OfThisMachine.Download);
        foreach (var file in FashionMnistFile.All)
        {
            var address = new Uri(source ?? Source, file.GzipName);
            var path = Path.Combine(target, file.GzipName);
            await Downloader.DownloadAsync(address, path, file.GzipSha256, context);
        }

        return target;
    }

    /// <summary>The first complete place.</summary>
    internal static string Found(FashionMnistPlaces places)
    {
        var looked = places.Look();
        return looked.FirstOrDefault(place => place.Complete)?.Folder ?? throw new KdException(
            "Fashion-MNIST: the full set was not found. Looked at:\n"
            + string.Concat(looked.Select(place => $"  {place.Folder} ({place.Source}): {Describe(place)}\n"))
            + Mend);
    }

    private static string Describe(DataPlace place) => !Directory.Exists(place.Folder) ? "no such folder"
        : place.Missing.Count == FashionMnistFile.All.Count ? "none of the files"
        : $"without {string.Join(", ", place.Missing)}";

    private static Dataset ReadFull(string folder) => LabeledImages.Split(
        "fashion-mnist",
        ReadSet(folder, FashionMnistFile.TrainImages, FashionMnistFile.TrainLabels),
        ReadSet(folder, FashionMnistFile.TestImages, FashionMnistFile.TestLabels),
        trainPerClass: 5500,
        validationPerClass: 500,
        Mean,
        Std);

    private static ImageSet ReadSet(string folder, FashionMnistFile images, FashionMnistFile labels) => IdxFile.Combine(
        images.Read(folder, Mend),
        labels.Read(folder, Mend),
        (Path.Combine(folder, images.GzipName), Path.Combine(folder, labels.GzipName)),
        "fashion-mnist",
        ClassNames,
        Mend);

    private static DataFinding Verify(FashionMnistFile file, string folder)
    {
        try
        {
            var items = file.Read(folder, Mend).Length;
            var message = $"the official content: {file.Count} items, {items} bytes";
            return new DataFinding(file.Find(folder)!, true, message);
        }
        catch (DataFileException problem)
        {
            return new DataFinding(problem.File, false, problem.Message[(problem.File.Length + 2)..]);
        }
    }
}
