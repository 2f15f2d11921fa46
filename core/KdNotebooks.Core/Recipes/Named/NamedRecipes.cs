using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using KdNotebooks.Runtime;

namespace KdNotebooks.Recipes;

/// <summary>
/// Published protocols by name. Each is a file beside this one: adding one is adding a file (README.md there has the form).
/// </summary>
public static class NamedRecipes
{
    private const string Folder = "Recipes/Named/", End = ".json";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new EnumWords() },
    };

    private static readonly Lazy<IReadOnlyList<NamedRecipe>> Read = new(() => [.. Names!.Select(Made)]);

    /// <summary>In alphabetical order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. typeof(NamedRecipes).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal) && name.EndsWith(End, StringComparison.Ordinal))
            .Select(name => name[Folder.Length..^End.Length]).Order(StringComparer.Ordinal),
    ];

    /// <summary>In the order of <see cref="Names"/>.</summary>
    public static IReadOnlyList<NamedRecipe> All => Read.Value;

    /// <summary>A line each: name, what it is.</summary>
    public static string List => string.Join(
        '\n', TextColumns.Align([.. All.Select(one => (IReadOnlyList<string>)[one.Name, one.About])], _ => false)) + "\n";

    /// <exception cref="KdException">There is none of this name; the nearest is named.</exception>
    public static NamedRecipe Find(string name) => All.FirstOrDefault(one => one.Name == name) ?? throw new KdException(
        $"'{name}' is no named recipe; the nearest is '{Nearest.Of(name, Names)}'. Known: {string.Join(", ", Names)}.");

    private static NamedRecipe Made(string name)
    {
        var (own, recipe, fields) = (FileOf(name), new JsonObject(), new Dictionary<string, FieldFile>());
        // The eldest first: what a recipe says itself takes the place of what it is like.
        foreach (var part in Line(own).Reverse())
        {
            foreach (var (field, value) in part.Recipe)
            {
                recipe[field] = value?.DeepClone();
            }

            // A part that takes the place of another has other fields.
            foreach (var stale in fields.Keys.Where(key => part.Replaces(Top(key))).ToList())
            {
                fields.Remove(stale);
            }

            foreach (var field in part.Fields)
            {
                fields[field.Field] = field;
            }
        }

        var made = RecipeJson.Read(recipe.ToJsonString(), name);
        var json = JsonNode.Parse(RecipeJson.Write(made))!;
        return new NamedRecipe(
            name, own.About, made,
            [.. fields.Values.OrderBy(field => Order(json, field.Field)).Select(field => new FieldStanding(
                field.Field, Value(json, field.Field), field.Mark, field.Source))],
            own.Unknown ?? [], own.Published ?? [], own.Needs ?? []);
    }

    private static IEnumerable<RecipeFile> Line(RecipeFile own)
    {
        for (var part = own; part is not null; part = part.Like is { } like ? FileOf(like) : null)
        {
            yield return part;
        }
    }

    private static RecipeFile FileOf(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Folder + name + End)
            ?? throw new KdException($"'{name}' is no named recipe.");
        return JsonSerializer.Deserialize<RecipeFile>(stream, Options)!;
    }

    private static string Top(string path) => path.Split('.', '[')[0];

    private static int Order(JsonNode json, string path) => json.AsObject().IndexOf(Top(path));

    // "a.b", "a[*].b": the distinct values, in their order.
    private static string Value(JsonNode json, string path)
    {
        IEnumerable<JsonNode?> at = [json];
        foreach (var step in path.Split('.'))
        {
            var (name, each) = (step.Replace("[*]", ""), step.EndsWith("[*]", StringComparison.Ordinal));
            at = at.Select(node => node!.AsObject().TryGetPropertyValue(name, out var value) ? value : throw new KdException(
                $"Recipe has no field {path}; there is none called '{name}'.")).ToList();
            at = each ? at.SelectMany(node => node!.AsArray()).ToList() : at;
        }

        return string.Join(", ", at.Select(Text).Distinct());
    }

    private static string Text(JsonNode? node) => node switch
    {
        null => "none",
        JsonObject fields => string.Join(
            " ", fields.Where(field => field.Value is not null).Select(field =>
                field.Key == "kind" ? Text(field.Value) : $"{field.Key} {Text(field.Value)}")),
        JsonArray items => string.Join(" ", items.Select(Text)),
        JsonValue value when value.TryGetValue(out string? text) => text,
        _ => node.ToJsonString(),
    };

    /// <summary>What a file says.</summary>
    /// <param name="Like">The recipe that has the fields which are not said here.</param>
    private sealed record RecipeFile(
        string About, JsonObject Recipe, IReadOnlyList<FieldFile> Fields, string? Like = null,
        IReadOnlyList<string>? Unknown = null, IReadOnlyList<PublishedNumber>? Published = null,
        IReadOnlyList<string>? Needs = null)
    {
        public bool Replaces(string top) => Fields.Any(field => field.Field == top);
    }

    private sealed record FieldFile(string Field, Standing Mark, string Source);
}
