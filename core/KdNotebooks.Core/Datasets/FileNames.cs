using KdNotebooks.Runtime;

namespace KdNotebooks.Datasets;

/// <summary>Names that a file of annotations gives to images.</summary>
internal static class FileNames
{
    private const int Longest = 1024;

    /// <summary>The name, where it leads to a file below the folder of images and nowhere else.</summary>
    /// <exception cref="KdException">It leads elsewhere, or is no name of a file.</exception>
    public static string Require(string name)
    {
        var sound = name.Length is > 0 and <= Longest && !name.Any(char.IsControl) && !name.Contains('\\')
            && !Path.IsPathRooted(name)
            && name.Split('/').All(part => part is not ("" or "." or ".."));
        return sound ? name : throw new KdException(
            $"its file_name is '{NameList.Short(Printable(name))}'; expected a file below the folder of images, with "
            + "'/' between folders");
    }

    private static string Printable(string name) =>
        string.Concat(name.Select(one => char.IsControl(one) ? $"\\u{(int)one:x4}" : one.ToString()));
}
