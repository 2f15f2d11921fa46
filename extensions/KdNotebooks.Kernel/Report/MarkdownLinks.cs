using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Markdig.Renderers.Html;
using Markdig.Syntax.Inlines;

namespace KdNotebooks.Kernel.Report;

/// <summary>
/// What a Markdown cell may point at. A link goes to the web, to mail, or elsewhere in the page and beside it; it never
/// runs a script. An image must be in the notebook itself, since the page loads nothing: others become links.
/// </summary>
internal static partial class MarkdownLinks
{
    private static readonly string[] Schemes = ["http", "https", "mailto"];

    public static void Secure(LinkInline link, JsonObject? attachments)
    {
        if (link.IsImage)
        {
            link.Url = Attached(link.Url, attachments) ?? link.Url;
            link.IsImage = link.Url is not null && DataImage().IsMatch(link.Url);
        }

        if (!link.IsImage && !IsSafe(link.Url))
        {
            link.Url = "#";
        }

        link.GetDynamicUrl = null;
        if (!link.IsImage)
        {
            link.GetAttributes().AddPropertyIfNotExist("rel", "noreferrer");
        }
    }

    /// <summary>Whether following the address can only go somewhere, not run something.</summary>
    public static bool IsSafe(string? url)
    {
        // Browsers drop tabs and line breaks and leading blanks before they look for the scheme; so does this.
        var bare = new string([.. (url ?? "").Where(c => c > ' ')]);
        var scheme = Scheme().Match(bare);
        return !scheme.Success || Schemes.Contains(scheme.Groups[1].Value.ToLowerInvariant());
    }

    private static string? Attached(string? url, JsonObject? attachments)
    {
        if (url?.StartsWith("attachment:", StringComparison.Ordinal) != true)
        {
            return null;
        }

        return (attachments?[Uri.UnescapeDataString(url["attachment:".Length..])] as JsonObject)?
            .Select(image => $"data:{image.Key};base64,{ReportCell.Text(image.Value).Replace("\n", "")}")
            .FirstOrDefault();
    }

    [GeneratedRegex(@"^data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=]*$")]
    private static partial Regex DataImage();

    [GeneratedRegex("^([A-Za-z][A-Za-z0-9+.-]*):")]
    private static partial Regex Scheme();
}
