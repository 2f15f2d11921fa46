using System.Text.Json;
using KdNotebooks.Kernel.Jupyter.Wire;
using KdNotebooks.Runtime;

namespace KdNotebooks.Kernel.Jupyter.History;

/// <summary>The cells of earlier kernels, one JSON object a line, for the user's eyes alone.</summary>
/// <remarks>
/// A history is a convenience: where its file cannot be read or written, there is none, and no cell fails.
/// </remarks>
internal sealed class HistoryFile(string path)
{
    private const int Kept = 1000;
    private const int MostText = 20_000; // characters: a cell's value may be a whole table

    /// <summary>Oldest first, at most the last thousand; lines that are not ours are left out.</summary>
    public IReadOnlyList<HistoryEntry> Load()
    {
        try
        {
            var entries = File.ReadLines(path).Select(Parse).OfType<HistoryEntry>().ToList();
            if (entries.Count <= 2 * Kept)
            {
                return entries;
            }

            var last = entries.TakeLast(Kept).ToList();
            AtomicFile.Write(path, string.Concat(last.Select(Line)));
            RestrictToUser();
            return last;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    public void Append(HistoryEntry entry)
    {
        try
        {
            var isNew = !File.Exists(path);
            File.AppendAllText(path, Line(entry));
            if (isNew)
            {
                RestrictToUser();
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return;
        }
    }

    private void RestrictToUser()
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private static string Line(HistoryEntry entry) =>
        JsonSerializer.Serialize(entry with { Output = Short(entry.Output) }, JsonText.Compact) + "\n";

    private static string? Short(string? text) => text?.Length > MostText ? text[..MostText] : text;

    private static HistoryEntry? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<HistoryEntry>(line) is { Input: not null } entry ? entry : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
