using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KdNotebooks.Interactive;
using KdNotebooks.Interactive.Formatting;

namespace KdNotebooks.Kernel.Report;

/// <summary>The outputs of cells: each in its best form that the page can show.</summary>
internal sealed partial class OutputHtml(MarkdownHtml markdown)
{
    private const string Svg = "image/svg+xml";
    private int figures;
    private bool inlined;

    /// <summary>Whether a figure was rendered, so that the page needs the library that draws it.</summary>
    public bool HasFigures => figures > 0 || inlined;

    public string Render(JsonObject output) => ReportCell.Text(output["output_type"]) switch
    {
        "stream" => Stream(ReportCell.Text(output["name"]), ReportCell.Text(output["text"])),
        "error" => Error(output),
        _ when output["data"] is JsonObject data => Best(data),
        _ => "",
    };

    private static string Stream(string name, string text)
    {
        var plain = TerminalText.Plain(text).TrimEnd();
        return plain.Length == 0 ? "" : HtmlText.Of($"<pre class=\"stream {Word(name)}\">{plain}</pre>");
    }

    private static string Word(string name) => name == "stderr" ? "stderr" : "stdout";

    private static string Error(JsonObject output)
    {
        var lines = output["traceback"] as JsonArray ?? [];
        var trace = TerminalText.Plain(string.Join('\n', lines.Select(ReportCell.Text))).Trim();
        var message = TerminalText.Plain(ReportCell.Text(output["evalue"])).Trim();
        var html = HtmlText.Of($"<div class=\"error\" role=\"alert\">")
            + HtmlText.Of($"<strong>{ReportCell.Text(output["ename"])}</strong><pre>{message}</pre>");
        return trace.Length == 0 || trace == message ? html + "</div>"
            : html + HtmlText.Of($"<details><summary>where it happened</summary><pre>{trace}</pre></details></div>");
    }

    private string Best(JsonObject data)
    {
        string Of(string mime) => data[mime] is JsonObject or JsonValue or JsonArray ? ReportCell.Text(data[mime]) : "";
        var text = TerminalText.Plain(Of(MimeBundle.Text));
        if (data[MimeBundle.Plotly] is { } plot && FigureJson(plot) is { } figure)
        {
            return Figure(figure, text);
        }

        return Of(MimeBundle.Html) is { Length: > 0 } html ? Html(html)
            : Image(MimeBundle.Png, Of(MimeBundle.Png), text) ?? Image(MimeBundle.Jpeg, Of(MimeBundle.Jpeg), text)
            ?? Image(Svg, Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Of(Svg))), text)
            ?? (Of(MimeBundle.Markdown) is { Length: > 0 } prose
            ? $"<div class=\"prose\">{markdown.Render(prose)}</div>"
            : text.Trim().Length > 0 ? HtmlText.Of($"<pre class=\"text\">{text.TrimEnd()}</pre>") : "");
    }

    // The page's policy runs no script of an output; the page itself draws the figures in them and sorts their tables.
    // What is nothing but a script, as the library that a live host is given once a session, is no output to read.
    private string Html(string html)
    {
        var still = Scripts().Replace(html, "").Trim();
        inlined |= still.Contains("class=\"kd-plot\"", StringComparison.Ordinal);
        return still.Length == 0 ? "" : $"<div class=\"html\">{still}</div>";
    }

    // As an image, an SVG can neither run a script nor load anything.
    private static string? Image(string mime, string base64, string text)
    {
        var bare = Blank().Replace(base64, "");
        return bare.Length == 0 || !Base64().IsMatch(bare) ? null
            : HtmlText.Of($"<img class=\"picture\" alt=\"{text.Trim()}\" src=\"data:{mime};base64,") + bare + "\">";
    }

    // A notebook keeps JSON types as objects; a host that wrote them as text meant the same.
    private static JsonObject? FigureJson(JsonNode plot)
    {
        try
        {
            var figure = plot as JsonObject ?? JsonNode.Parse(ReportCell.Text(plot)) as JsonObject;
            return figure?["data"] is JsonArray ? figure : null;
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    private string Figure(JsonObject figure, string text)
    {
        var id = $"figure-{++figures}";
        var meta = figure["layout"]?["meta"];
        var alt = meta is JsonObject ? ReportCell.Text(meta["alt"]) : "";
        var numbers = alt.Length > 0 && text.StartsWith(alt, StringComparison.Ordinal) ? text[alt.Length..] : text;
        return $"<figure class=\"figure\">{Caption(meta)}<div class=\"plot\" id=\"{id}\" role=\"img\" "
            + HtmlText.Of($"aria-label=\"{(alt.Length > 0 ? alt : text)}\"></div>")
            + $"<script type=\"application/json\" id=\"{id}-json\">{figure.ToJsonString()}</script>"
            + "<details><summary>Numbers of this figure</summary>"
            + HtmlText.Of($"<pre>{numbers.Trim('\n')}</pre></details></figure>");
    }

    // As text of the page a caption wraps and can be found; the page's script takes it out of the drawing.
    private static string Caption(JsonNode? meta)
    {
        var (title, says) = meta is JsonObject
            ? (ReportCell.Text(meta["title"]), ReportCell.Text(meta["says"])) : ("", "");
        return title.Length == 0 ? ""
            : HtmlText.Of($"<figcaption><strong>{title}</strong><span>{says}</span></figcaption>");
    }

    [GeneratedRegex(@"<script(?![^>]*application/json)[^>]*>.*?</script>",
        RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Scripts();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();

    [GeneratedRegex(@"^[A-Za-z0-9+/]+={0,2}$")]
    private static partial Regex Base64();
}
