using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Datasets;

/// <summary>
/// Where the parts of a folder in COCO's layout are: <c>annotations/instances_NAME.json</c>, and the images of it in NAME,
/// images/NAME, images or the folder itself.
/// </summary>
internal static class CocoFolder
{
    private const string Begin = "instances_", End = ".json";

    /// <summary>All files of annotations, in the order of their names.</summary>
    /// <param name="folder">Full path.</param>
    public static IReadOnlyList<string> Annotations(string folder) =>
    [
        .. Visible.Files(Path.Combine(folder, "annotations"), End)
            .Where(file => Path.GetFileName(file).StartsWith(Begin, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>"train2017" of "instances_train2017.json".</summary>
    public static string NameOf(string annotations) => Path.GetFileName(annotations)[Begin.Length..^End.Length];

    /// <summary>
    /// The file of a split: instances_train.json, instances_train2017.json, or the only one whose name begins so. Null where
    /// there is none.
    /// </summary>
    /// <param name="split">"train", "val" or "test".</param>
    /// <exception cref="KdException">There are several.</exception>
    public static string? Find(string folder, string split)
    {
        var files = Annotations(folder).Where(file => NameOf(file).StartsWith(split, StringComparison.Ordinal)).ToList();
        var usual = files.Where(file => NameOf(file) == split || NameOf(file) == $"{split}2017").ToList();
        return (files.Count > 1 && usual.Count > 0 ? usual : files) switch
        {
            [] => null,
            [var one] => one,
            var several => throw new KdException(
                $"{folder}: the split {split} may be one of {string.Join(", ", several.Select(Path.GetFileName))}; expected one "
                + "file. Move the others elsewhere."),
        };
    }

    /// <summary>The folder of the images: the first that has any of them.</summary>
    /// <exception cref="DataFileException">None has.</exception>
    public static string Images(string folder, string annotations, CocoInstances all)
    {
        var name = NameOf(annotations);
        string[] places = [.. new[] { name, $"images/{name}", "images" }.Select(at => Path.Combine(folder, at)), folder];
        return places.FirstOrDefault(at => all.Images.Any(image => File.Exists(Path.Combine(at, image.FileName))))
            ?? (all.Images.Count == 0 ? places[0] : throw new DataFileException(
                annotations, $"none of its {all.Images.Count} images is in {string.Join(", ", places[..^1])} or {folder}",
                "Unpack the images there."));
    }
}
