using System.Text.Json.Nodes;

namespace KdNotebooks.Kernel.Report;

/// <summary>One cell of an executed notebook, as the report needs it.</summary>
/// <param name="Kind">"code", "markdown" or "raw".</param>
/// <param name="Count">The cell's number in order of execution; null where it did not run.</param>
/// <param name="Attachments">File name to MIME type to base64, for images that a Markdown cell carries.</param>
internal sealed record ReportCell(
    string Kind, string Source, IReadOnlySet<string> Tags, int? Count, IReadOnlyList<JsonObject> Outputs,
    JsonObject? Attachments)
{
    public bool IsCode => Kind == "code";

    public bool IsParameters => Tags.Contains("parameters") || Tags.Contains("injected-parameters");

    public bool Failed => Outputs.Any(output => Text(output["output_type"]) == "error");

    /// <summary>A code cell that the run did not reach.</summary>
    public bool NotRun => IsCode && Count is null && Outputs.Count == 0 && Source.Trim().Length > 0;

    public static IReadOnlyList<ReportCell> AllOf(JsonObject notebook) =>
        [.. (notebook["cells"] as JsonArray ?? []).OfType<JsonObject>().Select(Of)];

    /// <summary>nbformat keeps text as one string or as a list of lines; anything else is no text.</summary>
    public static string Text(JsonNode? node) => node switch
    {
        JsonArray lines => string.Concat(lines.Select(Text)),
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        _ => "",
    };

    private static ReportCell Of(JsonObject cell) => new(
        Text(cell["cell_type"]),
        Text(cell["source"]).ReplaceLineEndings("\n"),
        (cell["metadata"]?["tags"] as JsonArray ?? []).Select(Text).ToHashSet(),
        cell["execution_count"] is JsonValue count && count.TryGetValue<int>(out var number) ? number : null,
        [.. (cell["outputs"] as JsonArray ?? []).OfType<JsonObject>()],
        cell["attachments"] as JsonObject);
}
