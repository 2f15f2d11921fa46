using System.Text;

namespace KdNotebooks.Kernel.Engine;

/// <summary>
/// Passes text on in whole lines: <c>printfn</c> writes a line in several pieces, and a listener would otherwise get an
/// event for each. Unfinished lines go on at a carriage return, a flush, or 8,192 characters.
/// </summary>
internal sealed class CellWriter(Lock gate, Action<string> pass) : TextWriter
{
    private const int MostHeld = 8192;

    private readonly StringBuilder held = new();

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => Write([value]);

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(ReadOnlySpan<char> buffer)
    {
        lock (gate)
        {
            held.Append(buffer);
            if (held.Length > MostHeld || buffer.IndexOfAny('\n', '\r') >= 0)
            {
                Pass(held.Length > MostHeld ? held.Length : LastLine());
            }
        }
    }

    public override void Flush()
    {
        lock (gate)
        {
            Pass(held.Length);
        }
    }

    private int LastLine()
    {
        var end = held.Length;
        while (end > 0 && held[end - 1] is not ('\n' or '\r'))
        {
            end--;
        }

        return end;
    }

    private void Pass(int length)
    {
        if (length > 0)
        {
            var text = held.ToString(0, length);
            held.Remove(0, length);
            pass(text);
        }
    }
}
