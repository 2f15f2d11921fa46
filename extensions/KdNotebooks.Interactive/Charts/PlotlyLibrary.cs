namespace KdNotebooks.Interactive.Charts;

/// <summary>The script that draws figures, as Plotly.NET carries it: no figure needs the network.</summary>
public static class PlotlyLibrary
{
    private static readonly Lazy<string> Loaded = new(() =>
        $"if(!window.Plotly)(function(define,module,exports){{\n{ChartLibrary.Painter.PlotlyJs()}\n}}).call(window);");

    /// <summary>
    /// plotly.js (MIT licence, kept in its first lines), 3.6 MB. It sets the global `Plotly`, also in pages with a
    /// module loader (which the bundle would otherwise register with), and does nothing where that is already there.
    /// </summary>
    public static string Script => Loaded.Value;

    /// <summary>
    /// For a live host to display once in a session, before its first figure: the figures' HTML draws with the page's
    /// Plotly. Hosts that understand application/vnd.plotly.v1+json do not need it.
    /// </summary>
    public static MimeBundle AsBundle() => MimeBundle.OfHtml($"<script>{Script}</script>", "");
}
