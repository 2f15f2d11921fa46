using System.Globalization;
using System.Text;

namespace KdNotebooks.Runtime;

/// <summary>Text that came from a file, for a message or a terminal: on one line, and without orders to the terminal.</summary>
internal static class Printable
{
    /// <summary>
    /// Control characters, line ends, marks that turn the direction of writing and lone halves of a pair as
    /// <c>\u001b</c>; a text of more than 200 letters is cut.
    /// </summary>
    public static string Of(string text)
    {
        var shown = NameList.Short(text);
        if (shown.All(IsPlain))
        {
            return shown;
        }

        var line = new StringBuilder();
        foreach (var rune in shown.EnumerateRunes())
        {
            if (rune.IsBmp && !IsPlain((char)rune.Value))
            {
                line.Append($"\\u{rune.Value:x4}");
            }
            else
            {
                line.Append(rune.ToString());
            }
        }

        return line.ToString();
    }

    private static bool IsPlain(char c) => char.GetUnicodeCategory(c) is not (UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
