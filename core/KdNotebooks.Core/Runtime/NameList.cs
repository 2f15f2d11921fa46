namespace KdNotebooks.Runtime;

/// <summary>Names for a message, which a model of a thousand tensors must not flood.</summary>
internal static class NameList
{
    private const int Shown = 10;

    /// <returns>"3: a, b, c" or "12: a, b, ... (2 more)", in ordinal order; "none".</returns>
    internal static string Capped(IEnumerable<string> names)
    {
        var all = names.Order(StringComparer.Ordinal).ToArray();
        return all.Length switch
        {
            0 => "none",
            <= Shown => $"{all.Length}: {string.Join(", ", all.Select(Printable.Of))}",
            _ => $"{all.Length}: {string.Join(", ", all.Take(Shown).Select(Printable.Of))}, ... ({all.Length - Shown} more)",
        };
    }

    /// <summary>A damaged file may hold a name of any length; a message that shows it all hides the reason.</summary>
    internal static string Short(string text) => text.Length <= 200 ? text : $"{text[..200]}...";
}
