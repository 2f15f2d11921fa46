using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KdNotebooks.Kernel.Report;

/// <summary>What the page's header says about the run.</summary>
/// <param name="Started">Null where the notebook does not say.</param>
/// <param name="Parameters">Name and value, in the notebook's words.</param>
/// <param name="FailedAt">The first cell, counted from 1 over code cells, that ended with an error.</param>
internal sealed partial record RunFacts(
    DateTimeOffset? Started, TimeSpan? Elapsed, IReadOnlyList<KeyValuePair<string, string>> Parameters,
    int CodeCells, int? FailedAt)
{
    // The page escapes what it shows; here the value should only be readable.
    private static readonly JsonSerializerOptions Readable =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// From the notebook's `papermill` metadata (start_time, duration, parameters), the keys that the community's
    /// tools share; parameters that were not given are read from the cell tagged `parameters`.
    /// </summary>
    public static RunFacts Of(JsonObject notebook, IReadOnlyList<ReportCell> cells)
    {
        var run = notebook["metadata"]?["papermill"] as JsonObject;
        var code = cells.Where(cell => cell.IsCode).ToList();
        var failed = code.FindIndex(cell => cell.Failed);
        return new(Date(run?["start_time"]), Seconds(run?["duration"]), ParametersOf(run, code), code.Count,
            failed < 0 ? null : failed + 1);
    }

    private static DateTimeOffset? Date(JsonNode? node) => DateTimeOffset.TryParse(
        ReportCell.Text(node), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
        ? date : null;

    private static TimeSpan? Seconds(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<double>(out var seconds) && seconds is >= 0 and < 1e9
            ? TimeSpan.FromSeconds(seconds) : null;

    // Declared values first, then what the run was given over them; a name keeps its first place.
    private static List<KeyValuePair<string, string>> ParametersOf(JsonObject? run, List<ReportCell> code)
    {
        var found = new OrderedDictionary<string, string>();
        var declared = code.Where(cell => cell.IsParameters).SelectMany(cell => Declaration().Matches(cell.Source));
        foreach (var match in declared)
        {
            found[match.Groups["name"].Value] = match.Groups["value"].Value.Trim();
        }

        foreach (var (name, value) in run?["parameters"] as JsonObject ?? [])
        {
            found[name] = value?.ToJsonString(Readable) ?? "null";
        }

        return [.. found];
    }

    [GeneratedRegex(@"^let\s+(mutable\s+)?(?<name>[\w']+)(\s*:\s*[^=\n]+)?\s*=\s*(?<value>[^\n]*?)\s*(//[^\n]*)?$",
        RegexOptions.Multiline)]
    private static partial Regex Declaration();
}
