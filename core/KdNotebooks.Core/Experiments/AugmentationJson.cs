using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using KdNotebooks.Data;
using KdNotebooks.Data.Dense;

namespace KdNotebooks.Experiments;

/// <summary>
/// An augmentation: that of images with label maps says so in "kind"; without one it is a crop after padding, as in
/// recipes of before there were two. (The serialiser's own discriminator must be there.)
/// </summary>
internal sealed class AugmentationJson : JsonConverter<IAugmentation>
{
    private const string Kind = "kind", Dense = "dense", Place = "$.augmentation";

    public override IAugmentation Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = JsonNode.Parse(ref reader);
        try
        {
            if (text is not JsonObject fields || !fields.Remove(Kind, out var kind))
            {
                return Read<Augmentation>(text, options);
            }

            return kind?.ToJsonString() == $"\"{Dense}\"" ? Read<DenseAugmentation>(fields, options)
                : throw new JsonException(
                    $"The kind is {kind?.ToJsonString() ?? "null"}; expected \"{Dense}\", or none for crops.");
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
        if (value is DenseAugmentation)
        {
            text.Insert(0, Kind, Dense);
        }

        text.WriteTo(writer, options);
    }

    private static T Read<T>(JsonNode? text, JsonSerializerOptions options) =>
        text.Deserialize<T>(options) ?? throw new JsonException("Expected an augmentation, not 'null'.");
}
