namespace KdNotebooks.Interactive;

/// <summary>One value in the forms in which a host may show it, by MIME type; every bundle has text/plain.</summary>
/// <param name="Data">
/// MIME type to content. Text as it is, JSON types (ending in "+json") as JSON text, pictures as base64.
/// </param>
public sealed record MimeBundle(IReadOnlyDictionary<string, string> Data)
{
    public const string Text = "text/plain";
    public const string Html = "text/html";
    public const string Markdown = "text/markdown";
    public const string Png = "image/png";
    public const string Jpeg = "image/jpeg";
    public const string Plotly = "application/vnd.plotly.v1+json";

    public static MimeBundle OfText(string text) => new(new Dictionary<string, string> { [Text] = text });

    public static MimeBundle OfHtml(string html, string text) =>
        new(new Dictionary<string, string> { [Html] = html, [Text] = text });

    /// <summary>The same bundle with one more form.</summary>
    public MimeBundle With(string mimeType, string content) =>
        new(new Dictionary<string, string>(Data) { [mimeType] = content });
}
