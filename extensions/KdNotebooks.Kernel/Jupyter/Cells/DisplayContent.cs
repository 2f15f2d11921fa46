using System.Text.Json.Nodes;
using KdNotebooks.Interactive;
using KdNotebooks.Kernel.Notebooks;

namespace KdNotebooks.Kernel.Jupyter.Cells;

/// <summary>The content of messages that show something.</summary>
internal static class DisplayContent
{
    /// <param name="id">By which an update names the display.</param>
    public static JsonObject Of(MimeBundle bundle, string id) => new()
    {
        ["data"] = Data(bundle),
        ["metadata"] = new JsonObject(),
        ["transient"] = new JsonObject { ["display_id"] = id },
    };

    public static JsonObject Result(MimeBundle bundle, int executionCount) => new()
    {
        ["execution_count"] = executionCount,
        ["data"] = Data(bundle),
        ["metadata"] = new JsonObject(),
    };

    /// <summary>A file holds text in lines; a message holds it whole.</summary>
    public static JsonObject Data(MimeBundle bundle)
    {
        var data = new JsonObject();
        foreach (var (type, content) in bundle.Data)
        {
            var isJson = type.EndsWith("+json", StringComparison.Ordinal) || type == "application/json";
            data[type] = isJson ? NotebookOutputs.Json(content) : content;
        }

        return data;
    }
}
