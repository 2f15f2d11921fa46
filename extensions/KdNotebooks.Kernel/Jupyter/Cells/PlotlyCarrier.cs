using KdNotebooks.Interactive;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Kernel.Jupyter.Wire;

namespace KdNotebooks.Kernel.Jupyter.Cells;

/// <summary>
/// Brings plotly.js into each page that shows a figure, and leaves none of its 3.6 MB in the notebook.
/// </summary>
/// <remarks>
/// A figure's HTML draws with the page's Plotly. So the library is shown before the first figure of a page, as a
/// display of its own, and that display is emptied when the cell ends: by then the page has run the script, and what
/// is saved is the empty one. A page is a client's session: who loads it again gets a new session, and the library
/// again. Clients that draw application/vnd.plotly.v1+json themselves do not need it, but a kernel cannot know them.
/// </remarks>
internal sealed class PlotlyCarrier(Outlet outlet)
{
    private readonly HashSet<string> pages = [];
    private readonly List<string> shown = [];

    /// <summary>Call it before a bundle is shown to the page that the request came from.</summary>
    public void Before(MimeBundle bundle, JupyterMessage request)
    {
        lock (pages)
        {
            if (bundle.Data.ContainsKey(MimeBundle.Plotly) && pages.Add(request.Session))
            {
                var id = $"kd-plotly-{Guid.NewGuid():N}";
                shown.Add(id);
                outlet.Publish("display_data", request, DisplayContent.Of(PlotlyLibrary.AsBundle(), id));
            }
        }
    }

    /// <summary>Call it when a cell has ended.</summary>
    public void Empty(JupyterMessage request)
    {
        lock (pages)
        {
            foreach (var id in shown)
            {
                outlet.Publish("update_display_data", request, DisplayContent.Of(MimeBundle.OfHtml("", ""), id));
            }

            shown.Clear();
        }
    }
}
