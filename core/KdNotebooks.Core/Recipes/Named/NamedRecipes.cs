using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using KdNotebooks.Catalogue;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;

namespace KdNotebooks.Recipes;

/// <summary>
/// Published protocols by name. Each is a file beside this one, or of a table of pairs and methods (<c>Families</c>): adding
/// one is adding a file, or a line (README.md there has the form).
/// </summary>
public static class NamedRecipes
{
    private const string Folder = "Recipes/Named/", Tables = "Recipes/Families/", End = ".json";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new EnumWords() },
    };

    private static readonly IReadOnlyList<RecipeFamily> Families =
        [.. Resources(Tables).Select(name => Parsed<RecipeFamily>(Tables + name + End))];

    private static readonly Lazy<IReadOnlyList<NamedRecipe>> Read = new(() => [.. Names!.Select(Find)]);

    private static readonly ConcurrentDictionary<string, NamedRecipe> Known = [];

    /// <summary>In alphabetical order.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Resources(Folder).Concat(Families.SelectMany(family => family.Names)).Order(StringComparer.Ordinal)];

    /// <summary>In the order of <see cref="Names"/>.</summary>
    public static IReadOnlyList<NamedRecipe> All => Read.Value;

    /// <summary>A line each: name, what it is; a table's pair is one, with its methods.</summary>
    public static string List => Short(All);

    /// <summary>The same of some of them.</summary>
    public static string Short(IEnumerable<NamedRecipe> recipes) => string.Join('\n', TextColumns.Align(
        [.. recipes.GroupBy(one => one.Name.Count(letter => letter == '/') < 2 ? one.Name : one.Name[..one.Name.LastIndexOf('/')])
            .Select(group => (IReadOnlyList<string>)[group.Key, group.First().Name == group.Key ? group.First().About
                : string.Join(", ", group.Select(one => one.Recipe.Method))])], _ => false)) + "\n";

    /// <summary>
    /// A line each, in full: name, the number that was published of it, how many of its fields are confirmed, derived,
    /// templates, ours, what it is.
    /// </summary>
    public static string Lines(IEnumerable<NamedRecipe> recipes) => string.Join('\n', TextColumns.Align(
        [["recipe", "published", "fields", "what"], .. recipes.Select(one => (IReadOnlyList<string>)
            [one.Name, one.PublishedText, one.Marks, one.About])], column => column == 1)) + "\n";

    /// <summary>Those of one task, by the word that a recipe's JSON has for it ("detection").</summary>
    /// <exception cref="KdException">There is no such task; the nearest is named.</exception>
    public static IReadOnlyList<NamedRecipe> OfTask(string task)
    {
        var kinds = PartKinds.All[typeof(ITaskSpec)];
        var words = kinds.Select(kind => kind.Kind).ToList();
        return words.Contains(task)
            ? [.. All.Where(one => one.Recipe.Task.GetType() == kinds.First(kind => kind.Kind == task).Type)]
            : throw new KdException(
                $"'{task}' is no task; the nearest is '{Nearest.Of(task, words)}'. Known: {string.Join(", ", words)}.");
    }

    /// <summary>Those whose name begins so: "cifar100/resnet32x4-resnet8x4".</summary>
    public static IReadOnlyList<NamedRecipe> Below(string start) =>
        [.. Names.Where(name => name.StartsWith(start.TrimEnd('/') + "/", StringComparison.Ordinal)).Select(Find)];

    /// <exception cref="KdException">There is none of this name; the nearest is named.</exception>
    public static NamedRecipe Find(string name) => Names.Contains(name) ? Known.GetOrAdd(name, Made) : throw new KdException(
        $"'{NameList.Short(name)}' is no named recipe; the nearest is '{Nearest.Of(NameList.Short(name), Names)}'. "
        + "`kd recipes` lists them all.");

    private static NamedRecipe Made(string name)
    {
        if (Families.FirstOrDefault(family => family.Names.Contains(name)) is { } table)
        {
            var parts = table.Parts(name);
            var marks = new Dictionary<string, FieldFile>();
            foreach (var field in parts.Fields)
            {
                marks[field.Field] = field;
            }

            return Shown(name, parts with { Fields = [.. marks.Values] });
        }

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

        return Shown(name, new NamedParts(
            own.About, recipe, [.. fields.Values], own.Unknown ?? [], own.Published ?? [], own.Needs ?? []));
    }

    private static NamedRecipe Shown(string name, NamedParts parts)
    {
        var made = RecipeJson.Read(parts.Recipe.ToJsonString(), name);
        var json = JsonNode.Parse(RecipeJson.Write(made))!;
        return new NamedRecipe(
            name, parts.About, made,
            [.. parts.Fields.OrderBy(field => Order(json, field.Field)).Select(field => new FieldStanding(
                field.Field, Value(json, field.Field), field.Mark, field.Source))],
            parts.Unknown, parts.Published, parts.Needs);
    }

    private static IEnumerable<string> Resources(string folder) => typeof(NamedRecipes).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(folder, StringComparison.Ordinal) && name.EndsWith(End, StringComparison.Ordinal))
        .Select(name => name[folder.Length..^End.Length]);

    private static IEnumerable<RecipeFile> Line(RecipeFile own)
    {
        for (var part = own; part is not null; part = part.Like is { } like ? FileOf(like) : null)
        {
            yield return part;
        }
    }

    private static RecipeFile FileOf(string name) => Parsed<RecipeFile>(Folder + name + End);

    private static T Parsed<T>(string resource)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)
            ?? throw new KdException($"'{resource}' is no named recipe.");
        return JsonSerializer.Deserialize<T>(stream, Options)!;
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
}

/// <summary>A field's mark, as a file says it.</summary>
internal sealed record FieldFile(string Field, Standing Mark, string Source);
