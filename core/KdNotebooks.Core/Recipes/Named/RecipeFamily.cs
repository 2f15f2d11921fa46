using System.Text.Json.Nodes;
using KdNotebooks.Models.Classification;
using KdNotebooks.Runtime;

namespace KdNotebooks.Recipes;

/// <summary>
/// A table of published protocols: pairs of networks by methods, in one file (Families/README.md has its form). A pair has
/// the methods for which a source has a number, and the family's own; each network has a recipe alone.
/// </summary>
internal sealed record RecipeFamily(
    string About, string Prefix, string Metric, JsonObject Recipe, IReadOnlyList<FieldFile> Fields, IReadOnlyList<string> Needs,
    FieldFile TeacherField, string TeacherFile, IReadOnlyDictionary<string, StudentPart> Students, PublishedAlone Alone,
    IReadOnlyDictionary<string, MethodPart> Methods, IReadOnlyDictionary<string, string> Sources,
    IReadOnlyList<PairPart> Pairs)
{
    private const string None = "none";

    /// <summary>"cifar100/resnet8x4", "cifar100/resnet32x4-resnet8x4/at".</summary>
    public IEnumerable<string> Names => Alone.Networks.Keys.Select(network => $"{Prefix}/{network}")
        .Concat(Pairs.SelectMany(pair => MethodsOf(pair).Select(method => $"{Prefix}/{pair.Name}/{method}")));

    public NamedParts Parts(string name)
    {
        var words = name.Split('/');
        return words.Length == 2 ? OfNetwork(words[1]) : OfPair(Pairs.Single(pair => pair.Name == words[1]), words[2]);
    }

    private IEnumerable<string> MethodsOf(PairPart pair) => Methods
        .Where(method => method.Value.Except?.Contains(pair.Name) is not true
            && (pair.Published.ContainsKey(method.Key) || !Sources.ContainsKey(method.Key)))
        .Select(method => method.Key);

    private NamedParts OfNetwork(string network)
    {
        var recipe = Begun(None, network);
        Join(recipe, Patch(network, None));
        List<PublishedNumber> published = Alone.Networks.TryGetValue(network, out var value)
            ? [new PublishedNumber(Metric, value, Alone.Source)] : [];
        return new NamedParts(
            $"{network} alone. {About}", recipe, [.. Fields, .. Marks(network, None)], [], published, Needs);
    }

    private NamedParts OfPair(PairPart pair, string method)
    {
        var part = Methods[method];
        var recipe = Begun(method, pair.Student);
        var teacher = TeacherFile.Replace("{teacher}", pair.Teacher);
        recipe["teacher"] = new JsonObject { ["weights"] = teacher };
        Join(recipe, Patch(pair.Student, method));
        Join(recipe, part.Recipe);
        if (part.Connections is { } places)
        {
            recipe["connections"] = new JsonArray([.. places.Between(pair).Select(connection => (JsonNode)connection)]);
        }

        if (part.Fused is { } fused)
        {
            recipe["fused"] = fused.DeepClone();
            recipe["fused"]!["stages"] = new JsonArray([.. Stages(pair).Select(stage => (JsonNode)stage)]);
        }

        Join(recipe, part.Pairs?.GetValueOrDefault(pair.Name));
        List<PublishedNumber> published = pair.Published.TryGetValue(method, out var value)
            ? [new PublishedNumber(Metric, value, Sources[method])] : [];
        if (Alone.Networks.TryGetValue(pair.Student, out var alone))
        {
            published.Add(new PublishedNumber($"{Metric}, the student alone", alone, Alone.Source));
        }

        return new NamedParts(
            $"{pair.Teacher} to {pair.Student}. {part.About}", recipe,
            [.. Fields, TeacherField, .. Marks(pair.Student, method), .. part.Fields], part.Unknown ?? [], published,
            [.. Needs, $"{teacher}: {pair.Teacher}'s weights, what training {Prefix}/{pair.Teacher} left or a file of one's own "
                + "(--teacher FILE)"]);
    }

    private JsonObject Begun(string method, string student)
    {
        var recipe = new JsonObject { ["method"] = method };
        Join(recipe, Recipe);
        recipe["student"] = new JsonObject { ["kind"] = "network", ["network"] = student };
        return recipe;
    }

    private JsonObject? Patch(string student, string method) =>
        Students.GetValueOrDefault(student) is { } part && part.Holds(method) ? part.Recipe : null;

    private IReadOnlyList<FieldFile> Marks(string student, string method) =>
        Students.GetValueOrDefault(student) is { Fields: { } marks } part && part.Holds(method) ? marks : [];

    // mdistiller's: the student's maps behind their ReLU, the teacher's before it, and the pooled features last.
    private static IEnumerable<JsonObject> Stages(PairPart pair) => FamilyPlaces.Stages(pair.Student, false)
        .Zip(FamilyPlaces.Stages(pair.Teacher, pair.IsSmall), (student, teacher) => FamilyPlaces.Pair(student, teacher))
        .Append(FamilyPlaces.Pair(FamilyPlaces.Pooled(pair.Student), FamilyPlaces.Pooled(pair.Teacher)));

    // Field by field: what is said later takes the place of what was said.
    private static void Join(JsonObject into, JsonObject? patch)
    {
        foreach (var (field, value) in patch ?? [])
        {
            if (value is JsonObject inner && into[field] is JsonObject known && inner["kind"] is null)
            {
                Join(known, inner);
            }
            else
            {
                into[field] = value?.DeepClone();
            }
        }
    }
}

/// <summary>A recipe of a family, before its fields are shown.</summary>
internal sealed record NamedParts(
    string About, JsonObject Recipe, IReadOnlyList<FieldFile> Fields, IReadOnlyList<string> Unknown,
    IReadOnlyList<PublishedNumber> Published, IReadOnlyList<string> Needs);

/// <param name="Methods">Those that it holds for; null for all.</param>
internal sealed record StudentPart(
    JsonObject Recipe, IReadOnlyList<FieldFile>? Fields = null, IReadOnlyList<string>? Methods = null)
{
    public bool Holds(string method) => Methods?.Contains(method) is not false;
}

internal sealed record PublishedAlone(string Source, IReadOnlyDictionary<string, double> Networks);

/// <param name="Except">Pairs that it cannot be run on here.</param>
/// <param name="Pairs">What of the recipe differs from pair to pair.</param>
internal sealed record MethodPart(
    string About, IReadOnlyList<FieldFile> Fields, JsonObject? Recipe = null, FamilyPlaces? Connections = null,
    JsonObject? Fused = null, IReadOnlyList<string>? Unknown = null, IReadOnlyList<string>? Except = null,
    IReadOnlyDictionary<string, JsonObject>? Pairs = null);

internal sealed record PairPart(string Teacher, string Student, IReadOnlyDictionary<string, double> Published)
{
    public string Name => $"{Teacher}-{Student}";

    /// <summary>Whether its networks are those of 32x32, whose maps have a place before their ReLU.</summary>
    public bool IsSmall => NamedNetworks.Find(Teacher).CodeBase == "RepDistiller";
}

/// <summary>Where a method connects the networks of a pair, in the words of their code bases.</summary>
/// <param name="At">"stages", "hint" (the second one), "last", "pooled".</param>
/// <param name="Each">Aligner, loss, alpha and spatial policy of each connection.</param>
/// <param name="BeforeReLU">"both" for maps before their ReLU; null for behind it.</param>
internal sealed record FamilyPlaces(string At, JsonObject Each, string? BeforeReLU = null)
{
    /// <summary>Path of the pooled features as a map, [C, 1, 1]; RepDistiller's VGG calls it by its number.</summary>
    public static string Pooled(string network) => NamedNetworks.Find(network) is { CodeBase: "RepDistiller" } named
        && named.Name.StartsWith("vgg", StringComparison.Ordinal) ? "pool4" : "avgpool";

    public IEnumerable<JsonObject> Between(PairPart pair)
    {
        var (student, teacher) = (Paths(pair.Student), Paths(pair.Teacher));
        return student.Zip(teacher, (ours, theirs) =>
        {
            var connection = Pair(ours, theirs);
            foreach (var (field, value) in Each)
            {
                connection[field] = value?.DeepClone();
            }

            return connection;
        });
    }

    public static JsonObject Pair(string student, string teacher) => new() { ["student"] = student, ["teacher"] = teacher };

    /// <summary>Paths of the stages behind the stem, shallow to deep.</summary>
    public static IReadOnlyList<string> Stages(string network, bool beforeReLU) =>
    [
        .. NamedNetworks.Find(network).Places.Where(place => IsStage(place.Feature))
            .Select(place => beforeReLU ? place.BeforeReLU ?? place.Path : place.Path),
    ];

    private IReadOnlyList<string> Paths(string network)
    {
        var stages = Stages(network, BeforeReLU == "both");
        return At switch
        {
            "stages" => stages,
            "hint" => [stages[1]],
            "last" => [stages[^1]],
            "pooled" => [Pooled(network)],
            _ => throw new KdException($"'{At}' is no place; expected stages, hint, last or pooled."),
        };
    }

    // "feat1", "stage4"; the stem is "feat0".
    private static bool IsStage(string feature) =>
        char.IsAsciiDigit(feature[^1]) && feature[^1] != '0' && (feature.StartsWith("feat", StringComparison.Ordinal)
            || feature.StartsWith("stage", StringComparison.Ordinal));
}
