using KdNotebooks.Runtime;

namespace KdNotebooks.Datasets;

/// <summary>The image files of one class in one split.</summary>
/// <param name="Name">Of its folder.</param>
/// <param name="Folder">Full path.</param>
/// <param name="Files">Below it, with "/" on every machine, in torchvision's order.</param>
internal sealed record ClassFiles(string Name, string Folder, IReadOnlyList<string> Files);

/// <summary>
/// The files of a split of a folder of images, one folder a class: <c>train/CLASS/*.jpg</c>. Names alone are looked at.
/// </summary>
/// <remarks>
/// Classes and files are in the order of torchvision's <c>ImageFolder</c>: names by their characters' numbers, files of a folder
/// before those of the folders in it.
/// </remarks>
/// <param name="Folder">Full path of the split's.</param>
/// <param name="Classes">In order, the empty ones too.</param>
/// <param name="Problems">Images outside of a class, images of kinds that are not read, classes without images.</param>
internal sealed record ImageFolderFiles(
    string Folder, IReadOnlyList<ClassFiles> Classes, IReadOnlyList<DataFinding> Problems)
{
    private const int Deepest = 32;

    private static readonly HashSet<string> Read = new(StringComparer.OrdinalIgnoreCase) { ".jpg", ".jpeg", ".png", ".webp" };

    // Those that torchvision takes, too: left out in silence they would make another set of the folder.
    private static readonly HashSet<string> NotRead = new(StringComparer.OrdinalIgnoreCase)
    {
        ".bmp", ".gif", ".pgm", ".ppm", ".tif", ".tiff",
    };

    public static ImageFolderFiles Look(string folder)
    {
        var problems = new List<DataFinding>();
        var outside = Visible.Files(folder).Where(file => Read.Contains(Path.GetExtension(file))).Order(StringComparer.Ordinal).ToList();
        if (outside.Count > 0)
        {
            problems.Add(new DataFinding(
                outside[0], false, (outside.Count == 1 ? "is" : $"and {outside.Count - 1} more are") + " in no class: expected a folder for "
                    + "each class with its images in it. Sort the images into such folders (for ImageNet's val, valprep.sh of "
                    + "torchvision's instructions does it)."));
        }

        var classes = Visible.Folders(folder).Order(StringComparer.Ordinal)
            .Select(path => new ClassFiles(Path.GetFileName(path), path, Files(path, problems))).ToList();
        problems.AddRange(classes.Where(one => one.Files.Count == 0).Select(one => new DataFinding(
            one.Folder, false, "the class has no image: expected at least one .jpg, .jpeg, .png or .webp. Put its images there, or remove "
                + "the folder.")));
        return new ImageFolderFiles(folder, classes, problems);
    }

    private static List<string> Files(string folder, List<DataFinding> problems)
    {
        var found = new List<string>();
        Walk(folder, "", 0);
        return found;

        void Walk(string place, string below, int depth)
        {
            var names = Visible.Files(place).Select(file => Path.GetFileName(file)).ToList();
            names.Sort(StringComparer.Ordinal);
            foreach (var name in names)
            {
                var kind = Path.GetExtension(name);
                if (Read.Contains(kind))
                {
                    found.Add(below + name);
                }
                else if (NotRead.Contains(kind))
                {
                    problems.Add(new DataFinding(
                        Path.Combine(place, name), false, $"is an image of a kind that is not read ({kind}): expected .jpg, .jpeg, .png or "
                            + ".webp. Convert it, or move it elsewhere."));
                }
            }

            foreach (var inner in Visible.Folders(place).Order(StringComparer.Ordinal))
            {
                // A link that leads back would have no end.
                if (depth < Deepest)
                {
                    Walk(inner, $"{below}{Path.GetFileName(inner)}/", depth + 1);
                }
                else
                {
                    problems.Add(new DataFinding(
                        inner, false, $"is more than {Deepest} folders deep: does a link lead back? Expected images in their class's folder."));
                }
            }
        }
    }
}
