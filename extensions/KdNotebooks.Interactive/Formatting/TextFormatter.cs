using System.Collections;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>Values without a formatter: their own text or, for a sequence without one, its first items.</summary>
internal static class TextFormatter
{
    private const int MostItems = 20;

    public static MimeBundle Format(object value) => MimeBundle.OfText(TextOf(value));

    private static string TextOf(object? value) => value switch
    {
        null => "null",
        string text => text,
        IEnumerable items when !HasOwnText(value) => ItemsOf(items),
        _ => value.ToString() ?? "",
    };

    // F# lists and records print themselves well; arrays and List<T> only name their type.
    private static bool HasOwnText(object value)
    {
        var declaring = value.GetType().GetMethod(nameof(ToString), Type.EmptyTypes)?.DeclaringType;
        return declaring != typeof(object) && declaring != typeof(Array) && declaring != typeof(ValueType);
    }

    // A sequence may be endless: never more than one item beyond what is shown is asked for.
    private static string ItemsOf(IEnumerable items)
    {
        var first = items.Cast<object?>().Take(MostItems + 1).Select(TextOf).ToList();
        var shown = first.Take(MostItems).ToList();
        var more = first.Count <= MostItems ? ""
            : items is ICollection { Count: var count } ? $", ... ({count - MostItems} more)" : ", ...";
        return shown.Exists(item => item.Contains('\n') || item.Length > 40)
            ? string.Join('\n', shown) + more.Replace(", ", "\n")
            : $"[{string.Join(", ", shown)}{more}]";
    }
}
