using System.Text.Json;
using KdNotebooks.Data;

namespace KdNotebooks.Datasets;

/// <summary>
/// What a folder of images says of its classes: <c>imagenet_class_index.json</c> or <c>class_index.json</c>
/// (<c>{"0": ["n01440764", "tench"], ...}</c>), or a list, a line a class, of the folder's name and perhaps what the class is called
/// (<c>classes.txt</c>, <c>synset_words.txt</c>, <c>LOC_synset_mapping.txt</c>).
/// </summary>
/// <param name="Path">Of the file.</param>
/// <param name="Entries">Class 0 first: its folder, and what it is called.</param>
internal sealed record ClassIndexFile(string Path, IReadOnlyList<(string Folder, string Name)> Entries)
{
    private const string Mend = "datasets.md has the layout.";

    private static readonly string[] Known =
        ["imagenet_class_index.json", "class_index.json", "classes.txt", "synset_words.txt", "LOC_synset_mapping.txt"];

    /// <summary>The file of a folder; null where there is none.</summary>
    /// <param name="folders">Names of the classes' folders, which a line of a list begins with.</param>
    /// <exception cref="DataFileException">It cannot be read.</exception>
    public static ClassIndexFile? Find(string folder, IReadOnlyCollection<string> folders)
    {
        var path = Known.Select(name => System.IO.Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        try
        {
            return path is null ? null
                : new ClassIndexFile(path, path.EndsWith(".json", StringComparison.Ordinal) ? OfJson(path) : OfLines(path, folders));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new DataFileException(path!, $"cannot be read ({problem.Message.TrimEnd('.')})", Mend, problem);
        }
    }

    /// <summary>The classes' names, in the order of their folders.</summary>
    /// <param name="folders">Names of folders, in order.</param>
    /// <exception cref="DataFileException">The file has other classes than there are folders, or another order.</exception>
    public IReadOnlyList<string> Names(IReadOnlyList<string> folders)
    {
        var listed = Entries.Select(entry => entry.Folder).ToList();
        if (listed.GroupBy(name => name).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw Wrong($"has '{twice.Key}' {twice.Count()} times", "Name each class's folder once.");
        }

        if (listed.Except(folders).ToList() is { Count: > 0 } missing)
        {
            throw Wrong(
                $"has {listed.Count} classes, of which {Some(missing)} no folder, while there are folders of {folders.Count}",
                "Unpack what is missing, or list the classes that are there: without a folder all classes behind it would move up.");
        }

        if (folders.Except(listed).ToList() is { Count: > 0 } unknown)
        {
            throw Wrong($"has {listed.Count} classes; {Some(unknown)} a folder and no entry", "Add them, or remove the folders.");
        }

        if (Enumerable.Range(0, listed.Count).FirstOrDefault(i => listed[i] != folders[i], -1) is var first and >= 0)
        {
            throw Wrong(
                $"has '{listed[first]}' as class {first}, where the order of the folders' names, which torchvision's ImageFolder takes, has "
                + $"'{folders[first]}'", "Sort the file by the folders' names, or rename the folders.");
        }

        // "crane" is a bird and a machine.
        var often = Entries.GroupBy(entry => entry.Name).Where(same => same.Count() > 1).Select(same => same.Key).ToHashSet();
        return [.. Entries.Select(entry => often.Contains(entry.Name) ? $"{entry.Name} ({entry.Folder})" : entry.Name)];
    }

    private static string Some(List<string> names) => names switch
    {
        [var one] => $"'{one}' has",
        _ => $"{string.Join(", ", names.Take(3).Select(name => $"'{name}'"))}{(names.Count > 3 ? $" and {names.Count - 3} more" : "")} have",
    };

    private static List<(string, string)> OfJson(string path)
    {
        using var stream = File.OpenRead(path);
        using var document = JsonDocument.Parse(stream, new JsonDocumentOptions { AllowDuplicateProperties = false });
        const string Expected = "Expected {\"0\": [\"folder\", \"name\"], \"1\": ...}, with every number from 0 on.";
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new DataFileException(path, $"holds {document.RootElement.ValueKind} and no object", Expected);
        }

        var entries = new SortedDictionary<int, (string, string)>();
        foreach (var entry in document.RootElement.EnumerateObject())
        {
            var texts = entry.Value.ValueKind == JsonValueKind.Array
                ? entry.Value.EnumerateArray().Where(text => text.ValueKind == JsonValueKind.String).Select(text => text.GetString()!).ToList()
                : [];
            if (!int.TryParse(entry.Name, out var number) || number < 0 || texts.Count is < 1 or > 2 || texts.Any(string.IsNullOrWhiteSpace)
                || !entries.TryAdd(number, (texts[0], texts[^1].Replace('_', ' '))))
            {
                throw new DataFileException(path, $"its entry \"{entry.Name}\" is none of a class", Expected);
            }
        }

        return entries.Count > 0 && entries.Keys.Last() == entries.Count - 1 ? [.. entries.Values] : throw new DataFileException(
            path, $"has {entries.Count} entries, the last of them {(entries.Count == 0 ? "none" : entries.Keys.Last())}", Expected);
    }

    private static List<(string, string)> OfLines(string path, IReadOnlyCollection<string> folders)
    {
        var known = folders.ToHashSet();
        return [.. File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0).Select(line =>
        {
            // A folder's name may have a space in it.
            if (known.Contains(line))
            {
                return (line, line);
            }

            var at = line.IndexOfAny([' ', '\t']);
            return at < 0 ? (line, line) : (line[..at], line[at..].Split(',')[0].Trim());
        })];
    }

    private DataFileException Wrong(string reason, string mend) => new(Path, reason, mend);
}
