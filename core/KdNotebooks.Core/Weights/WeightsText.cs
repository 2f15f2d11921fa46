using KdNotebooks.Runtime;

namespace KdNotebooks.Weights;

/// <summary>What a file of weights holds, as text.</summary>
public static class WeightsText
{
    private const int Shown = 50;

    /// <summary>
    /// Format and entry, a line for each tensor (name, type, shape), what else a checkpoint has, and what was not built.
    /// Names are shown on one line each, control characters as <c>\u001b</c>.
    /// </summary>
    public static string Of(WeightsFile file)
    {
        var numbers = file.Entries.Values.Sum(info => info.Shape.Aggregate(1L, (product, size) => product * size));
        IReadOnlyList<string>[] rows =
        [
            ["name", "type", "shape"],
            .. file.Entries.Values.Select(info => (IReadOnlyList<string>)
            [
                Printable.Of(info.Name), SafeTensorsDtype.NameOf(info.Dtype)!, $"[{string.Join(", ", info.Shape)}]",
            ]),
        ];
        var lines = new List<string>
        {
            $"{file.Path}: {file.Format}" + (file.Entry.Length > 0 ? $", entry '{Printable.Of(file.Entry)}'" : "")
                + $"; {file.Entries.Count} tensors, {numbers:N0} numbers",
        };
        lines.AddRange(TextColumns.Align(rows, _ => false));
        lines.AddRange(file.Refused.Select(entry => $"not to be read: {Printable.Of(entry.Key)}: {entry.Value}").Take(Shown));
        Add("beside them", file.Beside.Select(entry => $"{Printable.Of(entry.Key)} ({entry.Value})"));
        Add("not built", file.NotBuilt.Select(entry => $"{Printable.Of(entry.Key)} ({entry.Value}x)"));
        return string.Join('\n', lines) + "\n";

        void Add(string what, IEnumerable<string> parts)
        {
            var all = parts.ToList();
            if (all.Count > 0)
            {
                lines.Add($"{what}: {string.Join(", ", all.Take(Shown))}{(all.Count > Shown ? $", ... ({all.Count - Shown} more)" : "")}");
            }
        }
    }
}
