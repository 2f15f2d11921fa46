using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using KdNotebooks.Catalogue;
using KdNotebooks.Distillation;
using KdNotebooks.Runtime;

namespace KdNotebooks.Recipes;

/// <summary>Recipes as JSON: every field is written, and a field that is not known is refused by name.</summary>
public static class RecipeJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        IndentSize = 2,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        AllowOutOfOrderMetadataProperties = true,
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new FiniteNumber(), new EnumWords(), new PartJson() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { KeepWhatCanBeRead, ReadOldNames } },
    };

    private static readonly (string Now, string Before)[] OldNames =
        [("optimizer", "optimiser"), ("initialization", "initialisation")];

    /// <summary>The canonical text: fields in the order of declaration, numbers in their shortest exact form.</summary>
    /// <exception cref="KdException">
    /// A number is not finite, or an option of a part of one's own cannot be written.
    /// </exception>
    public static string Write(Recipe recipe)
    {
        try
        {
            return JsonSerializer.Serialize(recipe, Options);
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new KdException($"Recipe '{recipe.Method}' cannot be written: {Explain(error)}", error);
        }
    }

    /// <param name="json">One JSON object.</param>
    /// <param name="source">What an error calls the text: a file's path.</param>
    /// <exception cref="KdException">The text is no recipe; the message names the field and its place.</exception>
    public static Recipe Read(string json, string source = "Recipe")
    {
        try
        {
            var recipe = JsonSerializer.Deserialize<Recipe>(json, Options);
            return recipe is not null && IsWhole(recipe.Guidance)
                && recipe.FurtherTeachers?.All(further => further is not null && IsWhole(further.Guidance)) is not false
                ? recipe
                : throw new KdException($"{source}: the text holds 'null' where a JSON object is expected.");
        }
        catch (KdException error) when (!error.Message.StartsWith(source, StringComparison.Ordinal))
        {
            throw new KdException($"{source}: {error.Message}", error);
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new KdException($"{source}: {Explain(error)}", error);
        }
    }

    private static bool IsWhole(Guidance guidance) =>
        !guidance.Connections.Contains(null!) && guidance.Fused?.Stages.Contains(null!) is not true;

    /// <summary>The fields that a recipe, or a part of one, may have, whether they are written or not.</summary>
    internal static IReadOnlyList<Field> Fields(Type type) =>
    [
        .. Options.GetTypeInfo(type).Properties
            .Where(property => OldNames.All(name => name.Before != property.Name))
            .Select(property => new Field(
                property.Name, Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType,
                property.IsSetNullable)),
    ];

    internal static string Hash(Recipe recipe) => Sha256.OfText(Write(recipe));

    // The serialiser says where only in some of its messages, and never which kinds there are.
    private static string Explain(Exception error)
    {
        var place = error is JsonException json && !error.Message.Contains("Path:")
            && InnerPlace.Whole(json) is { } path ? $" Path: {path}." : "";
        var kinds = PartKinds.All.Values.SelectMany(kinds => kinds).Select(kind => kind.Kind);
        var known = error.Message.Contains("discriminator") || error is NotSupportedException
            ? $" Known kinds: {string.Join(", ", kinds)}."
            : "";
        return error.Message + place + known;
    }

    // Names and the like are computed from the other fields: they are not part of the recipe.
    private static void KeepWhatCanBeRead(JsonTypeInfo info)
    {
        foreach (var property in info.Properties.Where(p => p.Set is null && !IsParameter(p)).ToList())
        {
            info.Properties.Remove(property);
        }
    }

    // Recipes of before version 0.2 spell two fields otherwise; they are read as what they are called now.
    private static void ReadOldNames(JsonTypeInfo info)
    {
        foreach (var (now, before) in OldNames)
        {
            if (info.Properties.FirstOrDefault(property => property.Name == now) is { Set: { } set } known)
            {
                var old = info.CreateJsonPropertyInfo(known.PropertyType, before);
                old.Set = set;
                info.Properties.Add(old);
            }
        }
    }

    private static bool IsParameter(JsonPropertyInfo property) => property.AssociatedParameter is not null;
}
