using KdNotebooks.Runtime;

namespace KdNotebooks.Datasets;

/// <summary>An image file with the file of its label map.</summary>
internal sealed record FilePair(string Image, string Labels);

/// <summary>
/// The files of one split of a copy of Cityscapes: <c>leftImg8bit/{split}/{city}/*_leftImg8bit.png</c>, each with
/// <c>gtFine/{split}/{city}/*_gtFine_labelIds.png</c>.
/// </summary>
/// <param name="Pairs">In the order of their names.</param>
/// <param name="Problems">Files without their partner; a split that is empty or not there.</param>
internal sealed record CityscapesPairs(IReadOnlyList<FilePair> Pairs, IReadOnlyList<DataFinding> Problems)
{
    private const string Images = "leftImg8bit", Labels = "gtFine";
    private const string ImageEnd = "_leftImg8bit.png", LabelEnd = "_gtFine_labelIds.png";

    /// <summary>Looks at names alone. What systems leave in folders is passed over, see <see cref="Visible"/>.</summary>
    /// <param name="folder">It holds leftImg8bit and gtFine.</param>
    /// <param name="split">"train", "val" or "test".</param>
    public static CityscapesPairs Look(string folder, string split)
    {
        var (images, labels) = (Stems(folder, Images, split, ImageEnd), Stems(folder, Labels, split, LabelEnd));
        if (images.Count + labels.Count == 0)
        {
            var place = Path.Combine(folder, Images, split);
            return new CityscapesPairs([], [new DataFinding(place, false,
                $"the split {split} is empty: expected CITY/*{ImageEnd}, and in {Path.Combine(folder, Labels, split)} "
                + $"CITY/*{LabelEnd}. Unpack leftImg8bit_trainvaltest.zip and gtFine_trainvaltest.zip of Cityscapes "
                + "there, write scenes there with `kd data make fashion-scenes`, or name another folder.")]);
        }

        string ImageOf(string stem) => Path.Combine(folder, Images, split, stem + ImageEnd);
        string LabelsOf(string stem) => Path.Combine(folder, Labels, split, stem + LabelEnd);
        return new CityscapesPairs(
            [.. images.Where(labels.Contains).Select(stem => new FilePair(ImageOf(stem), LabelsOf(stem)))],
            [
                .. images.Except(labels).Select(stem =>
                    new DataFinding(ImageOf(stem), false, $"has no label map: expected {LabelsOf(stem)}")),
                .. labels.Except(images).Select(stem =>
                    new DataFinding(LabelsOf(stem), false, $"has no image: expected {ImageOf(stem)}")),
            ]);
    }

    /// <summary>Whether a copy has anything of a split.</summary>
    public static bool Has(string folder, string split) =>
        Visible.Any(Path.Combine(folder, Images, split)) || Visible.Any(Path.Combine(folder, Labels, split));

    // "aachen/aachen_000000_000019"
    private static SortedSet<string> Stems(string folder, string kind, string split, string end)
    {
        var place = Path.Combine(folder, kind, split);
        return new SortedSet<string>(
            Visible.Folders(place).SelectMany(city => Visible.Files(city, end))
                .Select(file => Path.GetRelativePath(place, file)[..^end.Length].Replace('\\', '/')),
            StringComparer.Ordinal);
    }
}
