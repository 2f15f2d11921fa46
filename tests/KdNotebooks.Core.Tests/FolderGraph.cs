using System.Text.RegularExpressions;

namespace KdNotebooks.Tests;

/// <summary>
/// Which folder of a project uses which, as its <c>using</c> lines and qualified names say. A folder is the first level
/// below the project; Tasks/Name is one of its own beside Tasks.
/// </summary>
internal sealed partial class FolderGraph
{
    private readonly SortedDictionary<(string From, string To), SortedSet<string>> arrows = [];

    /// <param name="files">Paths from the project's folder, and their text.</param>
    public FolderGraph(IEnumerable<(string Path, string Text)> files)
    {
        Source[] sources = [.. files.Select(file => new Source(file.Path, Sources.Code(file.Text)))];
        var homes = sources.ToLookup(source => source.Namespace);
        var types = sources.SelectMany(source => source.Types.Select(type => $"{source.Namespace}.{type}")).ToHashSet();
        foreach (var source in sources)
        {
            var used = source.Names(types.Contains).SelectMany(name => Homes(name, source, homes));
            foreach (var to in used.Where(to => to != source.Folder))
            {
                var arrow = (source.Folder, to);
                arrows.TryAdd(arrow, []);
                arrows[arrow].Add(source.Path);
            }
        }
    }

    /// <summary>From and to, with the files that use.</summary>
    public IEnumerable<(string From, string To)> Arrows => arrows.Keys;

    /// <summary>The shortest cycle through each folder that is in one: "A -> B (A/One.cs) -> A (B/Two.cs)".</summary>
    public IReadOnlyList<string> Cycles() =>
    [
        .. arrows.Keys.Select(arrow => arrow.From).Distinct()
            .Select(Cycle).OfType<List<string>>()
            .DistinctBy(cycle => string.Join("|", cycle.Skip(1).Order(StringComparer.Ordinal)))
            .Select(Text),
    ];

    // The folders that a name leads to. A namespace that several folders share tells no folder: the types that the file
    // mentions do.
    private static IEnumerable<string> Homes(string name, Source source, ILookup<string, Source> homes)
    {
        var space = Outward(name).FirstOrDefault(homes.Contains, "");
        var folders = homes[space].Select(home => home.Folder).Distinct().ToList();
        return folders.Count == 1
            ? folders
            : homes[space].Where(home => home.Types.Any(source.Mentions)).Select(home => home.Folder);
    }

    // A.B.C, A.B, A
    private static IEnumerable<string> Outward(string name)
    {
        var parts = name.Split('.');
        return Enumerable.Range(0, parts.Length).Select(cut => string.Join('.', parts[..^cut]));
    }

    private List<string>? Cycle(string start)
    {
        var ways = new Queue<List<string>>([[start]]);
        var seen = new HashSet<string>();
        while (ways.TryDequeue(out var way))
        {
            foreach (var to in arrows.Keys.Where(arrow => arrow.From == way[^1]).Select(arrow => arrow.To))
            {
                if (to == start)
                {
                    return [.. way, to];
                }

                if (seen.Add(to))
                {
                    ways.Enqueue([.. way, to]);
                }
            }
        }

        return null;
    }

    private string Text(List<string> cycle) => cycle[0] + string.Concat(cycle.Zip(cycle.Skip(1), (from, to) =>
        $" -> {to} ({string.Join(", ", arrows[(from, to)])})"));

    private sealed partial class Source(string path, string code)
    {
        private readonly HashSet<string> words = [.. Word().Matches(code).Select(word => word.Value)];

        public string Path { get; } = path;

        public string Folder { get; } = path.Split('/') switch
        {
            ["Tasks", var task, _, ..] => $"Tasks/{task}",
            [var first, _, ..] => first,
            _ => "",
        };

        public string Namespace { get; } = NamespaceLine().Match(code).Groups["name"].Value;

        public IReadOnlyList<string> Types { get; } = [.. Sources.Types(code)];

        public bool Mentions(string type) => words.Contains(type);

        // From the root, as in a using line; or from within, as Losses.L2Loss, where there is such a type. The own
        // namespace is one too, for the folders that share it.
        public IEnumerable<string> Names(Func<string, bool> isType) => Qualified().Matches(code)
            .Select(found => found.Value.StartsWith("KdNotebooks.", StringComparison.Ordinal)
                ? found.Value
                : Outward($"KdNotebooks.{found.Value}").FirstOrDefault(isType))
            .OfType<string>().Append(Namespace).Distinct();

        [GeneratedRegex(@"\w+")]
        private static partial Regex Word();

        [GeneratedRegex(@"^\s*namespace\s+(?<name>[\w.]+)", RegexOptions.Multiline)]
        private static partial Regex NamespaceLine();

        [GeneratedRegex(@"(?<![\w.])[A-Z]\w*(?:\.[A-Z]\w*)+")]
        private static partial Regex Qualified();
    }
}
