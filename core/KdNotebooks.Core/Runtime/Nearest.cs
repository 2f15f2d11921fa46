namespace KdNotebooks.Runtime;

/// <summary>Finds what a mistyped name was meant to be.</summary>
public static class Nearest
{
    /// <summary>The candidate with the smallest edit distance, or null where there is none.</summary>
    public static string? Of(string name, IEnumerable<string> candidates) =>
        candidates.MinBy(candidate => Distance(name, candidate));

    /// <summary>Single-letter edits between two words, without regard to case.</summary>
    public static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var (diagonal, left) = (row[0], i);
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var change = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = left = Math.Min(change, Math.Min(diagonal, left) + 1);
            }
        }

        return row[b.Length];
    }
}
