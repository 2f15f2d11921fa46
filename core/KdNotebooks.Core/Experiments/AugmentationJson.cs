using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using KdNotebooks.Data;

namespace KdNotebooks.Experiments;

/// <summary>
/// An augmentation with its kind, as every other choice; without one it is a crop after padding, as in recipes that are
/// older than the other kind. (The serialiser itself refuses what has no kind.)
/// </summary>
internal sealed class AugmentationJson : JsonConverter<IAugmentation>
{
    private const string Kind = "kind", Place = "$.augmentation";

    private static readonly IReadOnlyList<(string Kind, Type Type)> Kinds = Catalogue.Kinds[typeof(IAugmentation)];

    public override IAugmentation Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = JsonNode.Parse(ref reader);
        try
        {
            var type = text is JsonObject fields && fields.Remove(Kind, out var kind)
                ? TypeOf(kind?.ToJsonString() ?? "null")
                : typeof(Augmentation);
            return (IAugmentation?)text.Deserialize(type, options)
                ?? throw new JsonException("Expected an augmentation, not 'null'.");
        }
        catch (JsonException error)
        {
            // Within the whole text, not within this object.
            throw new JsonException(
                error.Message.Replace("Path: $", $"Path: {Place}"), $"{Place}{error.Path?.TrimStart('$')}", null, null);
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
