using System.Text.Json.Nodes;
using KdNotebooks.Kernel.Engine;
using KdNotebooks.Kernel.Jupyter.Wire;

namespace KdNotebooks.Kernel.Jupyter.Answers;

/// <summary>Answers is_complete_request: what a console does at Enter.</summary>
internal static class CompletenessAnswer
{
    public static JsonObject Of(Completeness completeness, JupyterMessage request) =>
        completeness.Of(request.Text("code")) switch
        {
            { Status: CellStatus.Incomplete } more =>
                new JsonObject { ["status"] = "incomplete", ["indent"] = more.Indent },
            { Status: CellStatus.Invalid } => new JsonObject { ["status"] = "invalid" },
            _ => new JsonObject { ["status"] = "complete" },
        };
}
