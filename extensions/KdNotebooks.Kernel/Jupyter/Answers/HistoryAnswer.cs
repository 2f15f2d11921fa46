using System.Text.Json.Nodes;
using KdNotebooks.Kernel.Jupyter.History;
using KdNotebooks.Kernel.Jupyter.Wire;

namespace KdNotebooks.Kernel.Jupyter.Answers;

/// <summary>Answers history_request.</summary>
internal static class HistoryAnswer
{
    private const int FewOfTail = 10;

    public static JsonObject Of(InputHistory history, JupyterMessage request)
    {
        var found = request.Text("hist_access_type") switch
        {
            "range" => history.Range(
                request.Number("session") ?? 0, request.Number("start") ?? 0, request.Number("stop")),
            "search" => history.Search(
                request.Text("pattern") is { Length: > 0 } pattern ? pattern : "*", request.Number("n"),
                request.Flag("unique", otherwise: false)),
            _ => history.Tail(request.Number("n") ?? FewOfTail),
        };
        var withOutput = request.Flag("output", otherwise: false);
        return new JsonObject
        {
            ["status"] = "ok",
            ["history"] = new JsonArray([.. found.Select(entry => Json(entry, withOutput))]),
        };
    }

    private static JsonArray Json(HistoryEntry entry, bool withOutput) =>
        new(entry.Session, entry.Line, withOutput ? new JsonArray(entry.Input, entry.Output) : entry.Input);
}
