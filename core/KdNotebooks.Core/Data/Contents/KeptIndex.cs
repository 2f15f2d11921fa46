using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>
/// A <see cref="ContentIndex"/> as a file in the user's cache folder: a line with the hash of what follows, then JSON.
/// One that is damaged, or that cannot be written, costs a reading of the files, nothing more.
/// </summary>
internal static class KeptIndex
{
    // Of the format and of the hash: another reads what this one wrote as nothing.
    private const string Version = "1-xxh128";

    /// <summary>By name; empty where nothing was kept.</summary>
    public static IReadOnlyDictionary<string, FileRecord> Read(string folder)
    {
        try
        {
            if (PathOf(folder) is { } path && File.Exists(path)
                && File.ReadAllText(path).Split('\n', 2) is [var sum, var json] && sum == Sum(json)
                && JsonSerializer.Deserialize<Kept>(json) is { } kept && kept.Folder == folder)
            {
                return kept.Files;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            // As if nothing had been kept.
        }

        return new Dictionary<string, FileRecord>();
    }

    /// <summary>
    /// Keeps what is settled; what another process has kept meanwhile stays, where it is the later look.
    /// </summary>
    public static void Write(string folder, IEnumerable<KeyValuePair<string, FileRecord>> records)
    {
        var files = new SortedDictionary<string, FileRecord>(
            new Dictionary<string, FileRecord>(Read(folder)), StringComparer.Ordinal);
        foreach (var (name, record) in records.Where(entry => entry.Value.IsSettled))
        {
            if (!files.TryGetValue(name, out var other) || other.Read <= record.Read)
            {
                files[name] = record;
            }
        }

        if (files.Count == 0 || PathOf(folder) is not { } path)
        {
            return;
        }

        try
        {
            var json = JsonSerializer.Serialize(new Kept(folder, new Dictionary<string, FileRecord>(files)));
            AtomicFile.Write(path, $"{Sum(json)}\n{json}");
        }
        catch (Exception error) when (error is KdException or IOException or UnauthorizedAccessException)
        {
            // It will be read again.
        }
    }

    public static string? PathOf(string folder) => UserCache.Lasting("contents") is { } kept
        ? Path.Combine(kept, $"{Sha256.OfText(folder)[..32]}.json")
        : null;

    private static string Sum(string json) =>
        Version + XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(json)).ToString("x32", CultureInfo.InvariantCulture);

    private sealed record Kept(string Folder, IReadOnlyDictionary<string, FileRecord> Files);
}
