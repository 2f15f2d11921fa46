using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>Data as HTML text.</summary>
public static class HtmlText
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    /// <summary>Safe as an element's text and as a quoted attribute's value; letters of all scripts stay.</summary>
    public static string Escape(string? text) => Encoder.Encode(text ?? "").Replace("&#xA;", "\n");

    /// <summary>Escapes each hole of an interpolated string; what stands between the holes is markup.</summary>
    public static string Of(EscapingHandler html) => html.ToString();

    /// <summary>What the compiler builds the interpolated string of <see cref="Of"/> with.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct EscapingHandler(int literalLength, int formattedCount)
    {
        private readonly StringBuilder html = new(literalLength + 16 * formattedCount);

        public void AppendLiteral(string markup) => html.Append(markup);

        public void AppendFormatted<T>(T data) => html.Append(Escape(data?.ToString()));

        public override string ToString() => html.ToString();
    }
}
