using System.Text;
using System.Text.Json.Nodes;
using KdNotebooks.Interactive;
using KdNotebooks.Kernel.Notebooks;
using KdNotebooks.Runtime;

namespace KdNotebooks.Kernel;

/// <summary>Gives the figures of an executed notebook a picture each, for viewers that run no script.</summary>
/// <remarks>
/// A code host shows an output's HTML without its script, and before its picture: all that a reader would see is the
/// table of numbers. So the HTML, which does nothing but draw the figure where a script runs, is taken out of the file;
/// what stays is the figure itself for editors that draw it, the picture for all others, and the numbers as text.
/// </remarks>
public static class StaticFigures
{
    /// <summary>CSS pixels: what a code host has room for.</summary>
    internal const int Width = 900;

    // Of the file: a notebook that is committed stays under one megabyte where plainer pictures can see to it.
    private const int Budget = 950_000;

    /// <summary>Draws every figure of the file as image/png, in one start of Chromium.</summary>
    /// <param name="path">An executed notebook; it is replaced whole.</param>
    /// <returns>How many figures.</returns>
    /// <exception cref="KdException">There is no Chromium, or it could not draw them.</exception>
    public static int AddTo(string path)
    {
        var notebook = Notebook.Load(path);
        var outputs = Figures(notebook);
        if (outputs.Count == 0)
        {
            return 0;
        }

        Draw(outputs, scale: 1.5);
        if (Encoding.UTF8.GetByteCount(notebook.ToJson()) > Budget)
        {
            Draw(outputs, scale: 1);
        }

        notebook.Save(path);
        return outputs.Count;
    }

    private static void Draw(List<JsonObject> outputs, double scale)
    {
        var pictures = StaticFiguresBrowser.Draw([.. outputs.Select(data => data[MimeBundle.Plotly]!)], scale);
        foreach (var (data, picture) in outputs.Zip(pictures))
        {
            data[MimeBundle.Png] = Convert.ToBase64String(StaticFiguresPng.Shrink(Convert.FromBase64String(picture)));
            data.Remove(MimeBundle.Html);
        }
    }

    private static List<JsonObject> Figures(Notebook notebook) =>
    [
        .. (notebook.Json["cells"] as JsonArray ?? []).SelectMany(cell => cell?["outputs"] as JsonArray ?? [])
            .Select(output => output?["data"]).OfType<JsonObject>()
            .Where(data => data[MimeBundle.Plotly] is JsonObject),
    ];
}
