using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KdNotebooks.Runtime;

namespace KdNotebooks.Kernel.Notebooks;

/// <summary>A Jupyter notebook (nbformat 4). What this type has no name for is kept as it is.</summary>
/// <remarks>
/// Format 3 and older hold worksheets instead of cells; `jupyter nbconvert --to notebook` lifts them to 4.
/// </remarks>
public sealed partial class Notebook
{
    private const int Format = 4;
    private const int FormatMinor = 5;

    // Text in a notebook is read by people: no \u00e9 for an e with an accent. Nothing here is put into a page as it
    // is.
    private static readonly JsonSerializerOptions Written = new()
    {
        WriteIndented = true,
        IndentSize = 1,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private Notebook(JsonObject json, IReadOnlyList<NotebookCell> cells)
    {
        Json = json;
        Cells = cells;
    }

    /// <summary>The whole notebook; changes to cells are changes to it.</summary>
    public JsonObject Json { get; }

    public IReadOnlyList<NotebookCell> Cells { get; }

    /// <summary>The notebook's own metadata, made where there is none.</summary>
    public JsonObject Metadata => NotebookCell.ObjectAt(Json, "metadata");

    /// <exception cref="KdException">There is no such file, or it holds no notebook of format 4.</exception>
    public static Notebook Load(string path)
    {
        if (!File.Exists(path))
        {
            throw new KdException($"{path}: there is no such notebook. {Nearby(path)}");
        }

        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KdException($"{path}: cannot be read: {error.Message}", error);
        }
    }

    /// <param name="text">The notebook as JSON.</param>
    /// <param name="name">What errors call it, usually its path.</param>
    /// <exception cref="KdException">It is not JSON (with line and column) or no notebook of format 4.</exception>
    public static Notebook Parse(string text, string name)
    {
        var json = ParseJson(text, name) as JsonObject
            ?? throw new KdException($"{name}: expected a notebook (a JSON object), but it holds something else.");
        var version = json["nbformat"] is JsonValue value && value.TryGetValue<int>(out var number) ? number : 0;
        if (version != Format)
        {
            throw new KdException(version == 0
                ? $"{name}: it has no 'nbformat', so it is no Jupyter notebook."
                : $"{name}: it is of notebook format {version}; expected {Format}. Convert it with: "
                    + "jupyter nbconvert --to notebook --nbformat 4");
        }

        if (json["cells"] is not JsonArray cells)
        {
            throw new KdException($"{name}: it has no list 'cells'.");
        }

        return new Notebook(json, [.. cells.Select((cell, index) => new NotebookCell(
            cell as JsonObject ?? throw new KdException($"{name}: cell {index + 1} of 'cells' is not an object."),
            $"{name}: cell {index + 1}"))]);
    }

    /// <summary>Raises it to format 4.5, which wants an id for each cell.</summary>
    public void Upgrade()
    {
        var minor = Json["nbformat_minor"] is JsonValue value && value.TryGetValue<int>(out var number) ? number : 0;
        Json["nbformat_minor"] = Math.Max(minor, FormatMinor);
        _ = Metadata;
        var ids = new HashSet<string>();
        foreach (var cell in Cells)
        {
            cell.RequireId(ids);
        }
    }

    // A figure holds thousands of numbers: a line each would be most of the file.
    public string ToJson() =>
        Numbers().Replace(Json.ToJsonString(Written), row => Blank().Replace(row.Value, "")) + "\n";

    /// <summary>
    /// Writes it beside its place and then moves it there, so that a reader never meets half a notebook.
    /// </summary>
    public void Save(string path) => AtomicFile.Write(path, ToJson());

    private static JsonNode? ParseJson(string text, string name)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException error)
        {
            throw new KdException(
                $"{name}: broken JSON in line {error.LineNumber + 1}, column {error.BytePositionInLine + 1}: "
                + $"{Reason(error)} Restore the file, or open it in an editor and mend that line.", error);
        }
        catch (ArgumentException error)
        {
            throw new KdException($"{name}: broken JSON: {error.Message}", error);
        }
    }

    // A list of nothing but numbers. No text is meant: within one a line break is written as \n.
    [GeneratedRegex(@"\[\n\s*-?[0-9][-+.,0-9eE\s]*\]")]
    private static partial Regex Numbers();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();

    // The message ends with the position again, counted from nought.
    private static string Reason(JsonException error) => error.Message.Split(" LineNumber:")[0].Split(" Path:")[0];

    private static string Nearby(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? ".";
        if (!Directory.Exists(folder))
        {
            return $"There is no folder {folder} either.";
        }

        var names = Visible.Files(folder, ".ipynb").Select(Path.GetFileName).OfType<string>().Order().ToList();
        return names.Count == 0
            ? $"There is no notebook in {folder}."
            : $"Did you mean {Nearest.Of(Path.GetFileName(path), names)}? In {folder}: {string.Join(", ", names)}.";
    }
}
