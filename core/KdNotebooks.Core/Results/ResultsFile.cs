using System.Text.Json;
using System.Text.Json.Serialization;
using KdNotebooks.Runtime;

namespace KdNotebooks.Results;

/// <summary>
/// Rows as results.json: an array of objects with method, seed, metric, value, split, epoch and run. A value that is no
/// finite number is written as null, and comes back as NaN.
/// </summary>
public static class ResultsFile
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
        Converters = { new NumberOrNull() },
    };

    /// <summary>Writes beside, then in place.</summary>
    public static void Write(string path, IReadOnlyList<ResultRow> rows) =>
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, rows, Options));

    /// <exception cref="KdException">The file is not there, or is no such array.</exception>
    public static IReadOnlyList<ResultRow> Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return JsonSerializer.Deserialize<List<ResultRow>>(stream, Options) is { } rows && !rows.Contains(null!)
                ? rows
                : throw new KdException($"{path}: holds 'null'; expected an array of results.");
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new KdException($"{path}: {error.Message}", error);
        }
    }
}
