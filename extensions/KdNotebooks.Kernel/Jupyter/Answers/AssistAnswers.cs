using System.Text.Json.Nodes;
using KdNotebooks.Kernel.Engine;
using KdNotebooks.Kernel.Jupyter.Cells;
using KdNotebooks.Kernel.Jupyter.Wire;

namespace KdNotebooks.Kernel.Jupyter.Answers;

/// <summary>Answers what an editor asks while the user types: complete_request and inspect_request.</summary>
/// <param name="assistants">Asked in this order; the first that knows something answers.</param>
internal sealed class AssistAnswers(IReadOnlyList<ICellAssistant> assistants)
{
    public JsonObject Complete(JupyterMessage request)
    {
        var code = request.Text("code");
        var cursor = Cursor(request, code);
        var found = assistants.Select(assistant => assistant.Complete(code, cursor))
            .FirstOrDefault(found => found is not null) ?? new Completions(cursor, cursor, []);
        var (start, end) = (CodePoints(code, found.Start), CodePoints(code, found.End));
        return new JsonObject
        {
            ["status"] = "ok",
            ["matches"] = new JsonArray([.. found.Items.Select(item => JsonValue.Create(item.Text))]),
            ["cursor_start"] = start,
            ["cursor_end"] = end,
            ["metadata"] = new JsonObject
            {
                // JupyterLab shows the kind beside the name.
                ["_jupyter_types_experimental"] = new JsonArray([.. found.Items.Select(item => new JsonObject
                {
                    ["start"] = start,
                    ["end"] = end,
                    ["text"] = item.Text,
                    ["type"] = item.Kind,
                })]),
            },
        };
    }

    public JsonObject Inspect(JupyterMessage request)
    {
        var code = request.Text("code");
        var cursor = Cursor(request, code);
        var found = assistants.Select(assistant => assistant.Inspect(code, cursor))
            .FirstOrDefault(found => found is not null);
        return new JsonObject
        {
            ["status"] = "ok",
            ["found"] = found is not null,
            ["data"] = found is null ? new JsonObject() : DisplayContent.Data(found),
            ["metadata"] = new JsonObject(),
        };
    }

    // The protocol counts code points, .NET counts UTF-16 units.
    private static int Cursor(JupyterMessage request, string code)
    {
        var units = 0;
        foreach (var rune in code.EnumerateRunes().Take(request.Number("cursor_pos") ?? int.MaxValue))
        {
            units += rune.Utf16SequenceLength;
        }

        return units;
    }

    private static int CodePoints(string code, int units) => code[..units].EnumerateRunes().Count();
}
