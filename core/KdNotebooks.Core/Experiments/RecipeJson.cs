using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using KdNotebooks.Runtime;

namespace KdNotebooks.Experiments;

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
        RespectRequiredConstructorParameters = false,
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { NameKinds, KeepWhatCanBeRead } },
    };

    /// <summary>The canonical text: fields in the order of declaration, numbers in their shortest exact form.</summary>
    public static string Write(Recipe recipe) => JsonSerializer.Serialize(recipe, Options);

    /// <exception cref="KdException">The text is no recipe; the message names the field, and line and column.</exception>
    public static Recipe Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<Recipe>(json, Options)
                ?? throw new KdException("Recipe: the text is 'null'; expected a JSON object.");
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            throw new KdException($"Recipe: {error.Message}", error);
        }
    }

    internal static string Hash(Recipe recipe) => Hash(Write(recipe));

    internal static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    // "kind" names the choice; the words are the catalogue's.
    private static void NameKinds(JsonTypeInfo info)
    {
        if (Catalogue.Kinds.TryGetValue(info.Type, out var kinds))
        {
            info.PolymorphismOptions = new JsonPolymorphismOptions
            {
                TypeDiscriminatorPropertyName = "kind",
                UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization,
            };
            kinds.ToList().ForEach(kind => info.PolymorphismOptions.DerivedTypes.Add(new JsonDerivedType(kind.Type, kind.Kind)));
        }
    }

    // Names and the like are computed from the other fields: they are not part of the recipe.
    private static void KeepWhatCanBeRead(JsonTypeInfo info)
    {
        foreach (var property in info.Properties.Where(property => property.Set is null && !IsParameter(property)).ToList())
        {
            info.Properties.Remove(property);
        }
    }

    private static bool IsParameter(JsonPropertyInfo property) => property.AssociatedParameter is not null;
}
