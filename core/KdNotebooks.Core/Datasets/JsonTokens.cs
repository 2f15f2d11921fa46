using System.Text.Json;
using KdNotebooks.Runtime;

namespace KdNotebooks.Datasets;

/// <summary>
/// A JSON stream, token by token, through a buffer that holds one value at most: a file of half a gigabyte is never in
/// memory as text. NaN and Infinity, which Python writes though JSON has no such numbers, are read as NaN.
/// </summary>
internal ref struct JsonTokens
{
    // A name or a mask; nothing that belongs into these files is longer.
    private const int LongestValue = 1 << 26;

    private readonly Stream stream;
    private Utf8JsonReader reader;
    private byte[] buffer = new byte[1 << 16];
    private int filled;
    private bool ended;
    private (bool Text, bool Escaped, int Literal) place;

    public JsonTokens(Stream stream)
    {
        this.stream = stream;
        do
        {
            Fill();
        }
        while (filled < 3 && !ended);
        var mark = buffer.AsSpan(0, filled).StartsWith([(byte)0xEF, (byte)0xBB, (byte)0xBF]) ? 3 : 0; // that of UTF-8
        buffer.AsSpan(mark, filled - mark).CopyTo(buffer);
        filled -= mark;
        reader = new Utf8JsonReader(buffer.AsSpan(0, filled), ended, default);
    }

    public readonly JsonTokenType Type => reader.TokenType;

    /// <exception cref="JsonException">No JSON, or it ends too early.</exception>
    public void Next()
    {
        while (!reader.Read())
        {
            Refill();
        }
    }

    /// <summary>After the last value nothing may come.</summary>
    /// <exception cref="JsonException">Something comes.</exception>
    public void End()
    {
        while (!ended)
        {
            if (reader.Read())
            {
                throw new JsonException("more comes after its end");
            }

            Refill();
        }

        reader.Read();
    }

    public readonly bool Is(ReadOnlySpan<byte> name) => reader.ValueTextEquals(name);

    /// <summary>Leaves out the value that begins here.</summary>
    public void Skip()
    {
        var depth = reader.CurrentDepth;
        if (Type is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            do
            {
                Next();
            }
            while (reader.CurrentDepth > depth);
        }
    }

    /// <exception cref="KdException">Something else is here.</exception>
    public readonly void Expect(JsonTokenType type, string what)
    {
        if (Type != type)
        {
            throw Unexpected(what, type == JsonTokenType.StartObject ? "an object" : "a list");
        }
    }

    /// <exception cref="KdException">No whole number.</exception>
    public readonly long Whole(string what)
    {
        if (Type == JsonTokenType.Number)
        {
            if (reader.TryGetInt64(out var whole))
            {
                return whole;
            }

            // 12.0 is the number 12, as in Python.
            if (reader.TryGetDouble(out var number) && Math.Abs(number) < 1L << 53 && number == Math.Floor(number))
            {
                return (long)number;
            }
        }

        throw Unexpected(what, "a whole number");
    }

    /// <exception cref="KdException">No number; NaN is one here.</exception>
    public readonly double Real(string what) => Type switch
    {
        JsonTokenType.Number when reader.TryGetDouble(out var number) => number,
        JsonTokenType.String when reader.ValueSpan.IsEmpty && !reader.HasValueSequence => double.NaN,
        _ => throw Unexpected(what, "a number"),
    };

    /// <exception cref="KdException">No text, or none that is Unicode.</exception>
    public readonly string Text(string what)
    {
        try
        {
            return Type == JsonTokenType.String ? reader.GetString()! : throw Unexpected(what, "text");
        }
        catch (InvalidOperationException problem)
        {
            throw new KdException($"its {what} is no Unicode text", problem);
        }
    }

    private readonly KdException Unexpected(string what, string expected) => new($"its {what} is " + Type switch
    {
        JsonTokenType.Null => "null",
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => $"the text '{NameList.Short(System.Text.Encoding.UTF8.GetString(reader.ValueSpan))}'",
        _ => NameList.Short(System.Text.Encoding.UTF8.GetString(reader.ValueSpan)),
    } + $"; expected {expected}");

    // What was not used yet stays, and more comes behind it.
    private void Refill()
    {
        if (ended)
        {
            throw new JsonException("it ends too early");
        }

        var (state, used) = (reader.CurrentState, (int)reader.BytesConsumed);
        buffer.AsSpan(used, filled - used).CopyTo(buffer);
        filled -= used;
        if (filled == buffer.Length)
        {
            Array.Resize(ref buffer, 2 * buffer.Length <= LongestValue
                ? 2 * buffer.Length
                : throw new JsonException($"a value is longer than {LongestValue} bytes"));
        }

        Fill();
        reader = new Utf8JsonReader(buffer.AsSpan(0, filled), ended, state);
    }

    private void Fill()
    {
        var read = stream.Read(buffer, filled, buffer.Length - filled);
        Python(buffer.AsSpan(filled, read));
        (filled, ended) = (filled + read, read == 0);
    }

    // Outside of texts a capital N or I begins NaN or Infinity; an empty text of the same length takes its place.
    private void Python(Span<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            var one = bytes[i];
            if (place.Text)
            {
                place = (place.Escaped || one != '"', !place.Escaped && one == '\\', 0);
            }
            else if (place.Literal > 0)
            {
                var letter = char.IsAsciiLetter((char)one);
                bytes[i] = !letter ? one : place.Literal == 2 ? (byte)'"' : (byte)' ';
                place.Literal = letter ? 1 : 0;
            }
            else if (one is (byte)'N' or (byte)'I')
            {
                (bytes[i], place.Literal) = ((byte)'"', 2);
            }
            else
            {
                place.Text = one == '"';
            }
        }
    }
}
