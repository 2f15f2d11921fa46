using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json;
using KdNotebooks.Catalogue;
using KdNotebooks.Data;

namespace KdNotebooks.Recipes;

/// <summary>
/// An augmentation with its kind, as every other choice; without one it is a crop after padding, as in recipes that are
/// older than the other kind. (The serialiser itself refuses what has no kind.)
/// </summary>
internal sealed class AugmentationJson : JsonConverter<IAugmentation>
{
    private const string Kind = "kind", Place = "$.augmentation";

    // Where the serialiser and the reader begin to say where.
    private static readonly string[] Ends = [" Path: ", " LineNumber: "];

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private static readonly IReadOnlyList<(string Kind, Type Type)> Kinds = PartKinds.All[typeof(IAugmentation)];

    public override IAugmentation Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        try
        {
            var text = JsonNode.Parse(document.RootElement.GetRawText(), documentOptions: Strict);
            var type = text is JsonObject fields && fields.Remove(Kind, out var kind)
                ? TypeOf(kind?.ToJsonString() ?? "null")
                : typeof(PaddedCrop);
            return (IAugmentation?)text.Deserialize(type, options)
                ?? throw new JsonException("Expected an augmentation, not 'null'.");
        }
        catch (JsonException error)
        {
            // The place is one within the whole text; line and byte are counted within this object, and left out.
            var place = $"{Place}{error.Path?.TrimStart('$')}";
            var end = Array.FindIndex(Ends, error.Message.Contains) is var known and >= 0
                ? error.Message.IndexOf(Ends[known], StringComparison.Ordinal)
                : error.Message.Length;
            throw new JsonException($"{error.Message[..end]} Path: {place}.", place, null, null);
        }
    }

    public override void Write(Utf8JsonWriter writer, IAugmentation value, JsonSerializerOptions options)
    {
        var text = JsonSerializer.SerializeToNode(value, value.GetType(), options)!.AsObject();
        text.Insert(0, Kind, Kinds.FirstOrDefault(known => known.Type == value.GetType()).Kind
            ?? throw new NotSupportedException($"{value.GetType()} is no augmentation of the catalogue."));
        text.WriteTo(writer, options);
    }

    private static Type TypeOf(string kind) => Kinds.FirstOrDefault(known => $"\"{known.Kind}\"" == kind).Type
        ?? throw new JsonException(
            $"The kind is {kind}; expected one of {string.Join(", ", Kinds.Select(known => $"\"{known.Kind}\""))}.");
}
