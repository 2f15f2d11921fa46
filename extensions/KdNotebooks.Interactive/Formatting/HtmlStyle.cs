namespace KdNotebooks.Interactive.Formatting;

/// <summary>
/// What an HTML output needs to look right in any host. It comes with each output, since a host may keep one and drop
/// another; colors are mixed from the host's own, so that they fit a light and a dark page. A class that is named
/// twice outweighs JupyterLab's own rules for cells.
/// </summary>
internal static class HtmlStyle
{
    public const string Element = "<style>" + Rules + "</style>";

    /// <summary>What every table stands in: too wide a one scrolls by itself.</summary>
    public const string TableStart = "<div class=\"kd-scroll\"><table class=\"kd-table\">";

    /// <summary>A value that is shown within another brings its style along: once is enough.</summary>
    public static string Once(string html)
    {
        var after = html.IndexOf(Element, StringComparison.Ordinal) + Element.Length;
        return after < Element.Length ? html : html[..after] + html[after..].Replace(Element, "");
    }

    // Classic Jupyter takes the triangle from what folds; it is a browser's own way to say so.
    private const string Rules = """
        details>summary{display:list-item;cursor:pointer}
        .kd-table{border-collapse:collapse;margin:.6em 0;font-variant-numeric:tabular-nums;font-size:.95em}
        .kd-table caption{caption-side:top;text-align:left;font-weight:600;padding:.2em 0 .5em}
        .kd-table th,.kd-table td{padding:.38em .7em;text-align:right;border-bottom:1px solid rgba(128,128,128,.22);
        background:none;white-space:nowrap}
        .kd-table thead th{border-bottom:2px solid rgba(128,128,128,.5);font-weight:600;vertical-align:bottom;
        white-space:normal}
        .kd-table th:first-child,.kd-table td:first-child{padding-left:.15em}
        .kd-table tbody th{font-weight:500}
        .kd-table.kd-table .kd-name{text-align:left;white-space:normal;min-width:6em;overflow-wrap:break-word}
        .kd-table tr.kd-differs td,.kd-table tr.kd-differs th{font-weight:600}
        .kd-table.kd-table .kd-verdict{text-align:left}
        .kd-note{font-size:.85em;opacity:.75;margin:.3em 0 .8em;max-width:46em}
        .kd-scroll{overflow-x:auto;max-width:100%}
        .kd-error{white-space:pre-wrap;border-left:3px solid #d33;padding:.5em .8em;margin:.4em 0}
        .kd-grid{display:flex;flex-wrap:wrap;gap:10px;margin:.4em 0}
        .kd-grid figure{margin:0;text-align:center;font-size:.82em;line-height:1.25}
        .kd-grid img{display:block;margin:0 auto .3em;image-rendering:pixelated;border-radius:3px;
        border:1px solid rgba(128,128,128,.3);max-width:none}
        .kd-grid figcaption{overflow-wrap:anywhere}
        .kd-table thead th.kd-number{text-align:right}
        .kd-sort{all:unset;cursor:pointer;font:inherit}
        .kd-sort:hover{text-decoration:underline}
        .kd-sort:focus-visible{outline:2px solid currentColor;outline-offset:2px}
        th[aria-sort=ascending] .kd-sort::after{content:" \25B4"}
        th[aria-sort=descending] .kd-sort::after{content:" \25BE"}
        .kd-facts th{font-weight:500;opacity:.75;white-space:nowrap}
        .kd-facts td{min-width:16em}
        .kd-tree{font-size:.95em;min-width:46em;font-variant-numeric:tabular-nums}
        .kd-line{display:grid;grid-template-columns:minmax(14em,1.6fr) 1.2fr 1.1fr 1fr 1.1fr;gap:.8em;padding:.28em 0;
        border-bottom:1px solid rgba(128,128,128,.22)}
        .kd-line span:nth-child(n+4){text-align:right}
        .kd-heads{font-weight:600;border-bottom:2px solid rgba(128,128,128,.5)}
        summary.kd-line{cursor:pointer;font-size:inherit;color:inherit}
        .kd-line>span:first-child::before{content:"";display:inline-block;width:1em}
        summary.kd-line>span:first-child::before{content:"\25B8"}
        details[open]>summary.kd-line>span:first-child::before{content:"\25BE"}
        .kd-fold{margin:.5em 0}
        .kd-guess{width:11em}
        .kd-head{font-weight:600;margin:.8em 0 .2em}
        .kd-maps img{image-rendering:pixelated;display:block;margin:.1em 0}
        .kd-maps td img{margin:.1em auto}
        .kd-maps .kd-table td{padding:.3em .35em;text-align:center}
        .kd-scenes img{image-rendering:pixelated;display:block;margin:.1em auto .25em;border-radius:3px;width:100%;
        height:auto;border:1px solid rgba(128,128,128,.3)}
        .kd-scenes .kd-table{table-layout:fixed;width:100%}
        .kd-scenes .kd-table td{padding:.35em .3em;text-align:center;vertical-align:top}
        .kd-scenes .kd-table .kd-words{vertical-align:middle;white-space:normal}
        .kd-scenes .kd-table thead th{text-align:center}
        .kd-pair{display:flex;gap:2px}
        .kd-swatches.kd-swatches{list-style:none;display:flex;flex-wrap:wrap;gap:.3em 1.2em;padding:0;margin:.5em 0;
        font-size:.85em;max-width:56em}
        .kd-swatches li{display:flex;align-items:center;gap:.4em;margin:0;overflow-wrap:anywhere}
        .kd-swatches img{display:inline-block;width:auto;margin:0;border-radius:3px;
        border:1px solid rgba(128,128,128,.45)}
        .kd-legend{display:inline-block;margin-right:2em;white-space:nowrap;font-size:.85em}
        .kd-legend img{display:inline-block;vertical-align:middle;margin:0 .2em;image-rendering:auto}
        """;
}
