namespace KdNotebooks.Kernel.Engine;

/// <summary>A place in a cell as the compiler counts it.</summary>
/// <param name="Line">1-based.</param>
/// <param name="Column">0-based, in UTF-16 units.</param>
/// <param name="Text">The line itself.</param>
internal sealed record TextPlace(int Line, int Column, string Text)
{
    public static TextPlace Of(string code, int cursor)
    {
        cursor = Math.Clamp(cursor, 0, code.Length);
        var before = code.AsSpan(0, cursor);
        var start = before.LastIndexOf('\n') + 1;
        var end = code.IndexOf('\n', cursor);
        var text = code[start..(end < 0 ? code.Length : end)].TrimEnd('\r');
        return new TextPlace(before.Count('\n') + 1, Math.Min(cursor - start, text.Length), text);
    }

    /// <summary>The part of a name that stands right before the place; empty after a dot or a space.</summary>
    public string WordBefore()
    {
        var start = Column;
        while (start > 0 && (char.IsLetterOrDigit(Text[start - 1]) || Text[start - 1] is '_' or '\''))
        {
            start--;
        }

        return Text[start..Column];
    }
}
