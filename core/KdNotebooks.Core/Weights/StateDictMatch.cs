using KdNotebooks.Runtime;

namespace KdNotebooks.Weights;

/// <summary>
/// Which tensor of a file is which of a module: below which prefix, and without which wrappers' names
/// (<c>torch.compile</c>'s <c>_orig_mod</c>, DataParallel's <c>module</c>) within.
/// </summary>
/// <param name="Prefix">With its last dot; "" for none.</param>
/// <param name="Wrappers">Parts of names that are passed over within them; usually none.</param>
/// <param name="Names">From a name below the prefix, without wrappers, to the file's own.</param>
/// <param name="Outside">The file's names that do not begin with the prefix.</param>
internal sealed record StateDictMatch(
    string Prefix, IReadOnlyList<string> Wrappers, IReadOnlyDictionary<string, string> Names, IReadOnlyList<string> Outside)
{
    private static readonly string[][] Passed = [[], ["_orig_mod"], ["module"], ["_orig_mod", "module"]];

    /// <param name="wanted">The module's names, and the older names that are read as some of them.</param>
    /// <param name="all">How many of them make the whole module.</param>
    /// <param name="prefix">The one that was asked for; null finds the one below which most of the wanted names stand.</param>
    /// <exception cref="KdException">Several prefixes would do: the message lists them.</exception>
    public static StateDictMatch Of(WeightsFile file, IReadOnlySet<string> wanted, int all, string? prefix)
    {
        StateDictMatch? best = null;
        var hits = -1;
        foreach (var wrappers in Passed)
        {
            if (Without(file.Entries.Keys, wrappers) is not { } names)
            {
                continue;
            }

            var found = prefix is null ? Most(file, names.Keys, wanted, all) : Below(prefix);
            var here = wanted.Count(name => names.ContainsKey(found + name));
            if (here > hits)
            {
                (hits, best) = (here, Below(found, names, wrappers));
            }
        }

        return best!;
    }

    /// <summary>What is said of it: "below 'module.'"; null where names stand as they are.</summary>
    public string? Said => (Prefix, Wrappers) switch
    {
        ("", []) => null,
        (_, []) => $"below '{Printable.Of(Prefix)}'",
        ("", _) => $"without {string.Join(", ", Wrappers.Select(name => $"'{name}.'"))} within their names",
        _ => $"below '{Printable.Of(Prefix)}', without {string.Join(", ", Wrappers.Select(name => $"'{name}.'"))} within their "
            + "names",
    };

    private static string Below(string prefix) => prefix.Length == 0 ? "" : prefix.TrimEnd('.') + ".";

    private static StateDictMatch Below(string prefix, Dictionary<string, string> names, string[] wrappers)
    {
        var below = names.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        return new StateDictMatch(
            prefix,
            [.. wrappers.Where(wrapper => below.Any(entry => entry.Value.Split('.').Contains(wrapper)))],
            below.ToDictionary(entry => entry.Key[prefix.Length..], entry => entry.Value, StringComparer.Ordinal),
            [.. names.Where(entry => !entry.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(entry => entry.Value)]);
    }

    // Null where two names would become one, or where none has such a part.
    private static Dictionary<string, string>? Without(IEnumerable<string> names, string[] wrappers)
    {
        var (kept, any) = (new Dictionary<string, string>(StringComparer.Ordinal), wrappers.Length == 0);
        foreach (var name in names)
        {
            var parts = name.Split('.');
            var rest = string.Join('.', parts.Where(part => !wrappers.Contains(part)));
            any |= rest.Length < name.Length;
            if (!kept.TryAdd(rest, name))
            {
                return null;
            }
        }

        return any ? kept : null;
    }

    // Where the next part of a dotted name begins; -1 behind the last.
    private static int After(string name, int at) => name.IndexOf('.', at) is var dot and >= 0 ? dot + 1 : -1;

    private static string Most(WeightsFile file, IEnumerable<string> names, IReadOnlySet<string> wanted, int all)
    {
        var hits = new Dictionary<string, int>(StringComparer.Ordinal) { [""] = 0 };
        foreach (var name in names)
        {
            for (var at = 0; at >= 0 && at < name.Length; at = After(name, at))
            {
                if (wanted.Contains(name[at..]))
                {
                    hits[name[..at]] = hits.GetValueOrDefault(name[..at]) + 1;
                }
            }
        }

        var most = hits.Values.Max();
        var best = hits.Where(entry => entry.Value == most).Select(entry => entry.Key).ToList();
        return best.Contains("") || best.Count == 1 || most < all
            ? best.Contains("") ? "" : best.Order(StringComparer.Ordinal).First()
            : throw new KdException(
                $"{file.Path}: holds all of the module's tensors below each of {NameList.Capped(best)}; expected one of them to be "
                + "chosen: give the prefix.");
    }
}
