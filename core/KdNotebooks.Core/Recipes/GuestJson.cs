using System.Text.Json;
using System.Text.Json.Nodes;
using KdNotebooks.Catalogue;
using KdNotebooks.Parts;
using KdNotebooks.Runtime;

namespace KdNotebooks.Recipes;

/// <summary>
/// A reader's own part in JSON: <c>{"kind": "own", "name": "mine", "code": "1f...", "options": {...}}</c>. JSON names
/// it, and holds its options where they say all that it is; its code is wherever <see cref="OwnParts"/> has it from.
/// </summary>
internal static class GuestJson
{
    internal const string Own = "own", Name = "name", Code = "code", Options = "options";

    public static JsonObject Write(Type face, object part, JsonSerializerOptions options)
    {
        var (name, code) = OwnParts.Note(face, part);
        var text = new JsonObject { [PartKinds.Word] = Own, [Name] = name, [Code] = code };
        if (PartOptions.Rebuild(part.GetType())
            && JsonSerializer.SerializeToNode(part, part.GetType(), options) is JsonObject { Count: > 0 } fields)
        {
            text[Options] = fields;
        }

        return text;
    }

    /// <param name="fields">All but the kind.</param>
    /// <exception cref="MissingPartException">There is no such part, or one with other code.</exception>
    public static object Read(Type face, JsonObject fields, JsonSerializerOptions options)
    {
        var (name, code) = (Text(fields, Name), Text(fields, Code));
        var (role, word) = PartKinds.Role(face);
        var entry = OwnParts.Entry(face, name) ?? throw new MissingPartException(
            $"the {role} '{name}' is a part of someone's own and JSON alone does not rebuild it; run the cell that "
            + $"defines it and register it (`{word} \"{name}\" ...`, or OwnParts.Register), then read again.");
        if (entry.Code != code)
        {
            throw new MissingPartException(
                $"the {role} '{name}' had the code {code} when this was written, and the one registered now has "
                + $"{entry.Code}; run the cell with the code of then, or train again with the one of now.");
        }

        fields.Remove(Name);
        fields.Remove(Code);
        var known = fields.Remove(Options, out var given);
        if (fields.FirstOrDefault().Key is { } other)
        {
            throw new JsonException(
                $"The field '{other}' is not known of a part of one's own; expected kind, name, code and options.");
        }

        return PartOptions.Rebuild(entry.Type) ? Build(entry.Type, given ?? new JsonObject(), options)
            : known ? throw new JsonException($"The {role} '{name}' has no options: it is known by its code alone.")
            : entry.Instance!;
    }

    private static object Build(Type type, JsonNode text, JsonSerializerOptions options) => InnerPlace.Below(
        $".{Options}", () => text.Deserialize(type, options) ?? throw new JsonException($"Expected a {type.Name}."));

    private static string Text(JsonObject fields, string field) =>
        fields[field] is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw new JsonException(
            $"The field '{field}' of a part of one's own is missing, or no text.");
}

/// <summary>A recipe names a part that is not here; the message goes on from "Recipe.json: ".</summary>
internal sealed class MissingPartException(string message) : KdException(message);
