using System.Text.Json.Nodes;
using KdNotebooks.Runtime;

namespace KdNotebooks.Kernel.Notebooks;

/// <summary>One cell of a notebook: a view of its JSON.</summary>
public sealed class NotebookCell
{
    private readonly JsonObject json;

    internal NotebookCell(JsonObject json, string name)
    {
        this.json = json;
        Type = TextOf(json["cell_type"]) ?? throw new KdException($"{name} has no 'cell_type'.");
        Tags = json["metadata"]?["tags"] is JsonArray tags ? [.. tags.Select(TextOf).OfType<string>()] : [];
        if (json["source"] is not (null or JsonArray or JsonValue))
        {
            throw new KdException($"{name}: 'source' is neither text nor a list of lines.");
        }
    }

    /// <summary>"code", "markdown" or "raw".</summary>
    public string Type { get; }

    public bool IsCode => Type == "code";

    public IReadOnlyList<string> Tags { get; }

    /// <summary>Unique within the notebook; empty before format 4.5.</summary>
    public string Id => TextOf(json["id"]) ?? "";

    /// <summary>The text, whether the file holds it as one string or as a list of lines.</summary>
    public string Source
    {
        get => json["source"] is JsonArray lines
            ? string.Concat(lines.Select(TextOf))
            : TextOf(json["source"]) ?? "";
        set => json["source"] = Lines(value);
    }

    /// <summary>The cell's metadata, made where there is none.</summary>
    public JsonObject Metadata => ObjectAt(json, "metadata");

    /// <summary>Sets what executing the cell left; null and nothing for a cell that did not run.</summary>
    public void SetOutputs(int? executionCount, IEnumerable<JsonObject> outputs)
    {
        json["execution_count"] = executionCount;
        json["outputs"] = new JsonArray([.. outputs]);
    }

    /// <summary>
    /// Gives it an id where it has none of its own. Derived from the position, so that two runs agree.
    /// </summary>
    internal void RequireId(HashSet<string> taken)
    {
        var id = Id;
        for (var i = taken.Count; id.Length == 0 || !taken.Add(id); i++)
        {
            id = $"cell-{i + 1}";
        }

        json["id"] = id;
    }

    /// <summary>Text in the form in which notebooks keep it: a list of lines with their line ends.</summary>
    internal static JsonArray Lines(string text)
    {
        var lines = new JsonArray();
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start) is var found && found < 0 ? text.Length : found + 1;
            lines.Add(text[start..end]);
            start = end;
        }

        return lines;
    }

    internal static JsonObject ObjectAt(JsonObject owner, string name)
    {
        if (owner[name] is not JsonObject value)
        {
            owner[name] = value = [];
        }

        return value;
    }

    private static string? TextOf(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
