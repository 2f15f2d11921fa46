using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using KdNotebooks.Catalogue;
using KdNotebooks.Data;

namespace KdNotebooks.Recipes;

/// <summary>Makes a <see cref="PartJson{T}"/> for every interface of the <see cref="PartKinds"/>.</summary>
internal sealed class PartJson : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => PartKinds.All.ContainsKey(typeToConvert);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(PartJson<>).MakeGenericType(typeToConvert))!;
}

/// <summary>
/// A part of a recipe: the catalogue's as its kind and its options; a reader's own as kind "own", its name, its code's
/// fingerprint and its options (<see cref="GuestJson"/>).
/// </summary>
/// <typeparam name="T">The interface.</typeparam>
internal sealed class PartJson<T> : JsonConverter<T>
    where T : class
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private static readonly IReadOnlyList<(string Kind, Type Type)> Kinds = PartKinds.All[typeof(T)];

    private static string Expected =>
        $"expected one of {string.Join(", ", Kinds.Select(known => $"\"{known.Kind}\""))}.";

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var raw = document.RootElement.GetRawText();
        return InnerPlace.Within(() => Read(JsonNode.Parse(raw, documentOptions: Strict), options));
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        var text = InnerPlace.Within(() =>
        {
            if (Kinds.FirstOrDefault(known => known.Type == value.GetType()).Kind is not { } kind)
            {
                return GuestJson.Write(typeof(T), value, options);
            }

            var fields = JsonSerializer.SerializeToNode(value, value.GetType(), options)!.AsObject();
            fields.Insert(0, PartKinds.Word, kind);
            return fields;
        });
        text.WriteTo(writer, options);
    }

    private static T Read(JsonNode? text, JsonSerializerOptions options)
    {
        var fields = text as JsonObject;
        if (fields is null || !fields.Remove(PartKinds.Word, out var kind))
        {
            // Recipes that are older than the other kind of augmentation name none.
            return typeof(T) == typeof(IAugmentation) ? Read(text, typeof(PaddedCrop), options)
                : throw new JsonException(fields is null
                    ? $"The JSON value could not be converted to {typeof(T)}; expected an object with a \"kind\"."
                    : $"The type discriminator \"kind\" is missing; {Expected}");
        }

        var word = kind?.ToJsonString() ?? "null";
        return word == $"\"{GuestJson.Own}\"" ? (T)GuestJson.Read(typeof(T), fields, options)
            : Kinds.FirstOrDefault(known => $"\"{known.Kind}\"" == word).Type is { } type ? Read(text, type, options)
            : throw new JsonException(
                $"The kind is {word}; {Expected} As a type discriminator '{word.Trim('"')}' is not known.");
    }

    private static T Read(JsonNode? text, Type type, JsonSerializerOptions options) =>
        (T?)text.Deserialize(type, options) ?? throw new JsonException($"Expected a {type.Name}, not 'null'.");
}
