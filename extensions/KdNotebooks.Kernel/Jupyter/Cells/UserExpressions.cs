using System.Text.Json.Nodes;
using KdNotebooks.Interactive;
using KdNotebooks.Kernel.Engine;
using KdNotebooks.Kernel.Jupyter.Wire;
using KdNotebooks.Runtime;

namespace KdNotebooks.Kernel.Jupyter.Cells;

/// <summary>What a client wants to know after a cell, by names of its own.</summary>
internal static class UserExpressions
{
    /// <summary>For each name the expression's value, or why it has none.</summary>
    public static JsonObject Evaluate(JupyterMessage request, FSharpEngine engine, CancellationToken stop)
    {
        var values = new JsonObject();
        foreach (var (name, code) in request.Content["user_expressions"] as JsonObject ?? [])
        {
            var text = (code as JsonValue)?.TryGetValue(out string? given) == true ? given : "";
            values[name] = Evaluate(text, engine, stop);
        }

        return values;
    }

    private static JsonObject Evaluate(string code, FSharpEngine engine, CancellationToken stop)
    {
        try
        {
            var result = engine.Evaluate(code, cancellation: stop);
            var value = result.Outputs.OfType<DisplayOutput>().LastOrDefault(output => output.IsResult);
            return ReplyError.Of(result) is { } error ? Failed(error) : new JsonObject
            {
                ["status"] = "ok",
                ["data"] = DisplayContent.Data(value?.Bundle ?? MimeBundle.OfText("()")),
                ["metadata"] = new JsonObject(),
            };
        }
        catch (KdException error)
        {
            return Failed(ReplyError.Of(error));
        }
    }

    private static JsonObject Failed(ReplyError error)
    {
        var content = error.Content();
        content["status"] = "error";
        return content;
    }
}
