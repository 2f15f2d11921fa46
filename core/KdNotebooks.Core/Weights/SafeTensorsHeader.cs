using System.Text.Json;
using System.Text.Unicode;
using KdNotebooks.Runtime;

namespace KdNotebooks.Weights;

/// <summary>The checked header of a safetensors file: no part of the data is outside, twice or nowhere.</summary>
internal sealed record SafeTensorsHeader(
    IReadOnlyDictionary<string, SafeTensorsInfo> Tensors, IReadOnlyDictionary<string, string> Metadata)
{
    internal const int MaxLength = 100_000_000;

    internal const string MetadataName = "__metadata__";

    /// <param name="file">For messages.</param>
    /// <param name="json">The header with its padding, without its length.</param>
    /// <param name="dataLength">Bytes in the file after the header.</param>
    /// <exception cref="KdException">The header breaks a rule; the message names file and tensor.</exception>
    internal static SafeTensorsHeader Parse(string file, ReadOnlyMemory<byte> json, long dataLength)
    {
        RequireObjectText(file, json.Span);
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 4 });
            var header = ReadObject(file, document.RootElement);
            SafeTensorsCoverage.Require(file, header.Tensors.Values, dataLength);
            return header;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escape that is half a surrogate pair, found when the text is read.
            throw new KdException($"{file}: the header is not JSON as the format allows it: {error.Message}", error);
        }
    }

    private static void RequireObjectText(string file, ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty || json[0] != (byte)'{')
        {
            throw new KdException($"{file}: the header does not begin with '{{'; this is not a safetensors file.");
        }

        if (json.TrimEnd((byte)' ')[^1] != (byte)'}')
        {
            throw new KdException($"{file}: the header does not end with '}}' and spaces; the file is damaged.");
        }

        if (!Utf8.IsValid(json))
        {
            throw new KdException($"{file}: the header is not valid UTF-8.");
        }
    }

    private static SafeTensorsHeader ReadObject(string file, JsonElement root)
    {
        var tensors = new Dictionary<string, SafeTensorsInfo>(StringComparer.Ordinal);
        IReadOnlyDictionary<string, string>? metadata = null;
        foreach (var property in root.EnumerateObject())
        {
            var where = $"{file}: tensor '{NameList.Short(property.Name)}'";
            if (property.NameEquals(MetadataName))
            {
                metadata = metadata is null
                    ? ReadMetadata(file, property.Value)
                    : throw new KdException($"{file}: '{MetadataName}' stands twice in the header.");
            }
            else if (!tensors.TryAdd(property.Name, SafeTensorsEntry.Read(where, property)))
            {
                throw new KdException($"{where}: stands twice in the header; expected each name once.");
            }
        }

        return new(tensors, metadata ?? new Dictionary<string, string>());
    }

    private static Dictionary<string, string> ReadMetadata(string file, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new KdException($"{file}: '{MetadataName}' is {element.ValueKind}; expected an object of strings.");
        }

        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            var where = $"{file}: metadata '{NameList.Short(property.Name)}'";
            if (property.Value.ValueKind != JsonValueKind.String)
            {
                throw new KdException($"{where}: is {property.Value.ValueKind}; expected a string.");
            }

            if (!metadata.TryAdd(property.Name, property.Value.GetString()!))
            {
                throw new KdException($"{where}: stands twice in the header; expected each name once.");
            }
        }

        return metadata;
    }
}
