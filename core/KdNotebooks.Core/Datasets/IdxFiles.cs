using System.Text.RegularExpressions;
using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Datasets;

/// <summary>The paths of images and their labels.</summary>
internal sealed record IdxPair(string Images, string Labels);

/// <summary>The files of a dataset in MNIST's layout, as its publishers name them.</summary>
/// <param name="Test">Null where there is neither of the two.</param>
internal sealed partial record IdxFiles(string Folder, IdxPair Train, IdxPair? Test)
{
    private const string Mend = "A folder in MNIST's layout holds train-images-idx3-ubyte and train-labels-idx1-ubyte, "
        + "and for a test split t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each plain or as .gz.";

    /// <summary>Whether there are training images.</summary>
    public static bool Has(string folder) => Role(folder, test: false, "images").Any();

    /// <exception cref="DataFileException">A file is missing.</exception>
    /// <exception cref="KdException">There are files of several datasets.</exception>
    public static IdxFiles Find(string folder)
    {
        var place = Path.GetFullPath(folder);
        var test = new[] { "images", "labels" }.Any(what => Role(place, test: true, what).Any());
        return new IdxFiles(place, Pair(place, false), test ? Pair(place, true) : null);
    }

    private static IdxPair Pair(string place, bool test) => new(One(place, test, "images"), One(place, test, "labels"));

    // A compressed file beside the plain one is the same file.
    private static string One(string place, bool test, string what)
    {
        var names = Role(place, test, what).GroupBy(Plain).ToList();
        var usual = $"{(test ? "t10k" : "train")}-{what}-idx{(what == "images" ? 3 : 1)}-ubyte.gz";
        return names switch
        {
            [] => throw new DataFileException(Path.Combine(place, usual), "the file is missing", Mend),
            [var only] => only.OrderBy(path => path.Length).Last(),
            _ => throw new KdException(
                $"{place}: {string.Join(" and ", names.Select(name => Path.GetFileName(name.Key)).Order())} are both "
                + $"{(test ? "test" : "training")} {what}; expected the files of one dataset in a folder."),
        };
    }

    private static IEnumerable<string> Role(string folder, bool test, string what) => Visible.Files(folder)
        .Where(path => Name().Match(Path.GetFileName(path)) is { Success: true } match
            && (match.Groups["set"].Value != "train") == test && match.Groups["what"].Value == what);

    private static string Plain(string path) => path.EndsWith(".gz", StringComparison.Ordinal) ? path[..^3] : path;

    // EMNIST has a prefix and "test"; "train-images.idx3-ubyte" is what some programs unpack to.
    [GeneratedRegex(@"(^|[-_.])(?<set>train|t10k|test)-(?<what>images|labels)[-.]idx[0-9]-ubyte(\.gz)?$")]
    private static partial Regex Name();
}
