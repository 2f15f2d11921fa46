using System.Text.Json;
using System.Text.Json.Nodes;
using KdNotebooks.Interactive;
using KdNotebooks.Kernel.Engine;

namespace KdNotebooks.Kernel.Notebooks;

/// <summary>What a cell put out, in the words of nbformat 4.</summary>
public static class NotebookOutputs
{
    /// <summary>All outputs in order, the error last.</summary>
    /// <param name="executionCount">The number that the cell's result carries.</param>
    public static IEnumerable<JsonObject> Of(CellResult result, int executionCount)
    {
        foreach (var output in result.Outputs)
        {
            yield return output switch
            {
                StreamOutput stream => Stream(stream),
                DisplayOutput { IsResult: true } shown => Result(shown.Bundle, executionCount),
                DisplayOutput shown => Display(shown.Bundle),
                _ => throw new InvalidOperationException($"{output.GetType().Name} has no form in a notebook."),
            };
        }

        if (result.Error is { } error)
        {
            yield return Error(error.Name, error.Message, error.Traceback());
        }
        else if (result.Cancelled)
        {
            yield return Error("Cancelled", "The cell was stopped.", ["The cell was stopped."]);
        }
    }

    /// <summary>A bundle as the "data" of a display: JSON types as JSON, text as lines.</summary>
    public static JsonObject Data(MimeBundle bundle)
    {
        var data = new JsonObject();
        foreach (var (type, content) in bundle.Data)
        {
            data[type] = type.EndsWith("+json", StringComparison.Ordinal) || type == "application/json" ? Json(content)
                : type.StartsWith("image/", StringComparison.Ordinal) && type != "image/svg+xml" ? content
                : NotebookCell.Lines(content);
        }

        return data;
    }

    private static JsonObject Stream(StreamOutput stream) => new()
    {
        ["output_type"] = "stream",
        ["name"] = stream.Name,
        ["text"] = NotebookCell.Lines(stream.Text),
    };

    private static JsonObject Display(MimeBundle bundle) => new()
    {
        ["output_type"] = "display_data",
        ["data"] = Data(bundle),
        ["metadata"] = new JsonObject(),
    };

    private static JsonObject Result(MimeBundle bundle, int executionCount) => new()
    {
        ["output_type"] = "execute_result",
        ["execution_count"] = executionCount,
        ["data"] = Data(bundle),
        ["metadata"] = new JsonObject(),
    };

    private static JsonObject Error(string name, string message, IEnumerable<string> traceback) => new()
    {
        ["output_type"] = "error",
        ["ename"] = name,
        ["evalue"] = message,
        ["traceback"] = new JsonArray([.. traceback.Select(line => JsonValue.Create(line))]),
    };

    /// <summary>A formatter that names text "json" must not cost the notebook: such text is kept as text.</summary>
    internal static JsonNode? Json(string content)
    {
        try
        {
            return JsonNode.Parse(content);
        }
        catch (JsonException)
        {
            return JsonValue.Create(content);
        }
    }
}
