using KdNotebooks.Interactive.Charts;
using KdNotebooks.Interactive.Formatting;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive;

/// <summary>One display as a page of its own that needs no network.</summary>
internal static class FigurePage
{
    public static void Write(string path, string title, MimeBundle bundle)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var library = bundle.Data.ContainsKey(MimeBundle.Plotly) ? $"<script>{PlotlyLibrary.Script}</script>" : "";
        var body = bundle.Data.GetValueOrDefault(MimeBundle.Html)
            ?? HtmlText.Of($"<pre>{bundle.Data[MimeBundle.Text]}</pre>");
        AtomicFile.Write(path,
            HtmlText.Of($"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>")
            + $"<style>body{{font-family:system-ui,sans-serif;margin:2em}}</style>{library}</head>\n"
            + $"<body>{body}</body></html>\n");
    }
}
