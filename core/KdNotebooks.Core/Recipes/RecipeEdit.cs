using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KdNotebooks.Catalogue;
using KdNotebooks.Runtime;

namespace KdNotebooks.Recipes;

/// <summary>
/// Changes a recipe by places in its JSON: "optimizer.learningRate=0.05", "connections[0].alpha=5",
/// "connections[*].aligner=linear", "schedule.epochs=[100,150]", "clipNorm=null". A field that is null begins with its
/// part's defaults; a part that is set by its kind has the kind's defaults.
/// </summary>
public static partial class RecipeEdit
{
    private const string Null = "null";

    /// <param name="assignments">"field=value" each; the later ones see what the earlier ones made.</param>
    /// <exception cref="KdException">
    /// No such field (the nearest is named), no such item, a value of another kind, or the whole is no recipe.
    /// </exception>
    public static Recipe Apply(Recipe recipe, IReadOnlyList<string> assignments)
    {
        if (assignments.Count == 0)
        {
            return recipe;
        }

        var json = JsonNode.Parse(RecipeJson.Write(recipe))!.AsObject();
        foreach (var assignment in assignments)
        {
            var at = assignment.IndexOf('=');
            if (at <= 0)
            {
                throw new KdException(
                    $"'{assignment}' sets nothing; expected field=value, such as optimizer.learningRate=0.05.");
            }

            var change = new Change(assignment[..at].Trim(), assignment[(at + 1)..].Trim());
            change.Set(json, typeof(Recipe), change.Steps(), "");
        }

        return RecipeJson.Read(json.ToJsonString(), $"The recipe with {string.Join(", ", assignments)}");
    }

    [GeneratedRegex(@"^(?<name>\w+)(\[(?<index>\*|\d+)\])?$")]
    private static partial Regex StepPattern();

    /// <summary>A field's name, and which of its items: null for the whole, -1 for each.</summary>
    private readonly record struct Step(string Name, int? Item);

    private sealed record Change(string Path, string Text)
    {
        public IReadOnlyList<Step> Steps() => [.. Path.Split('.').Select(part => StepPattern().Match(part) is { Success: true } step
            ? new Step(step.Groups["name"].Value, step.Groups["index"] switch
            {
                { Success: false } => null,
                { Value: "*" } => -1,
                var number => int.Parse(number.Value, CultureInfo.InvariantCulture),
            })
            : throw new KdException(
                $"'{Path}' is no place in a recipe: '{part}' is no field; expected names with points between them, such as "
                + "optimizer.learningRate or connections[0].alpha."))];

        public void Set(JsonObject node, Type type, IReadOnlyList<Step> steps, string above)
        {
            var (step, last) = (steps[0], steps.Count == 1);
            var field = FieldOf(node, type, step.Name, above);
            if (step.Name == PartKinds.Word && field.Type is null)
            {
                SetKind(node, type, last);
                return;
            }

            if (step.Item is { } item)
            {
                SetItems(node, field, item, steps, above);
            }
            else if (last)
            {
                node[step.Name] = Value(field.Type!, field.Nullable, Text);
            }
            else
            {
                node[step.Name] ??= new JsonObject();
                Set(Inner(node[step.Name]!, step.Name), field.Type!, [.. steps.Skip(1)], $"{above}{step.Name}.");
            }
        }

        // Another kind is another part: what the old one had is not its.
        private void SetKind(JsonObject node, Type type, bool last)
        {
            if (!last)
            {
                throw new KdException($"'{Path}': a kind is a word; nothing stands below it.");
            }

            var kind = Kind(type, Text);
            node.Clear();
            node[PartKinds.Word] = kind;
        }

        private void SetItems(JsonObject node, Field field, int item, IReadOnlyList<Step> steps, string above)
        {
            var name = steps[0].Name;
            var of = ItemOf(field.Type!) ?? throw new KdException($"'{Path}': '{above}{name}' is one thing and no list.");
            var list = node[name] as JsonArray ?? [];
            if (item >= list.Count || list.Count == 0)
            {
                throw new KdException($"'{Path}': '{above}{name}' has {list.Count} item(s)"
                    + (list.Count == 0 ? "." : $", 0 to {list.Count - 1}; [*] is each of them."));
            }

            foreach (var i in item < 0 ? Enumerable.Range(0, list.Count) : [item])
            {
                if (steps.Count == 1)
                {
                    list[i] = Value(of, false, Text);
                }
                else
                {
                    Set(Inner(list[i]!, name), of, [.. steps.Skip(1)], $"{above}{name}[{i}].");
                }
            }
        }

        private JsonObject Inner(JsonNode node, string name) => node as JsonObject
            ?? throw new KdException($"'{Path}': '{name}' is {node.ToJsonString()}; nothing stands below it.");

        private Field FieldOf(JsonObject node, Type type, string name, string above)
        {
            var kinds = PartKinds.All.GetValueOrDefault(type);
            var kind = (string?)node[PartKinds.Word];
            if (kind == GuestJson.Own)
            {
                throw new KdException($"'{Path}': '{above.TrimEnd('.')}' is a part of someone's own; it is changed in its cell.");
            }

            var concrete = kinds is null ? type
                : kinds.FirstOrDefault(known => known.Kind == kind).Type ?? kinds[0].Type;
            var fields = RecipeJson.Fields(concrete);
            if (kinds is not null)
            {
                fields = [.. fields, new Field(PartKinds.Word, null, false)];
            }

            return fields.FirstOrDefault(field => field.Name == name) ?? throw new KdException(
                $"'{Path}': {(above.Length == 0 ? "a recipe" : $"'{above.TrimEnd('.')}'")}{(kind is null ? "" : $" ({kind})")} has no field "
                + $"'{name}'; the nearest is '{Nearest.Of(name, fields.Select(field => field.Name))}'. Known: "
                + $"{string.Join(", ", fields.Select(field => field.Name))}.");
        }

        private JsonNode? Value(Type type, bool nullable, string text)
        {
            if (text == Null)
            {
                return nullable ? null : throw Wrong("a value; it cannot be null");
            }

            return type switch
            {
                _ when type == typeof(string) => JsonValue.Create(text),
                { IsEnum: true } => Word(type, text),
                _ when type == typeof(bool) => text is "true" or "false" ? text == "true" : throw Wrong("true or false"),
                _ when type == typeof(int) => int.TryParse(
                    text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole
                    : throw Wrong("a whole number"),
                _ when type == typeof(double) => double.TryParse(
                    text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number
                    : throw Wrong("a number"),
                _ when ItemOf(type) is { } item => Items(item, text),
                _ when PartKinds.All.ContainsKey(type) && !text.StartsWith('{') =>
                    new JsonObject { [PartKinds.Word] = Kind(type, text) },
                _ => Parsed(text) as JsonObject ?? throw Wrong("a JSON object {...}"),
            };
        }

        private JsonArray Items(Type item, string text) => text.StartsWith('[')
            ? Parsed(text) as JsonArray ?? throw Wrong("a list")
            : [.. text.Split(',', StringSplitOptions.TrimEntries).Select(part => Value(item, false, part))];

        private JsonNode? Parsed(string text)
        {
            try
            {
                return JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
            }
            catch (JsonException)
            {
                throw Wrong("JSON");
            }
        }

        private string Word(Type type, string text)
        {
            List<string> words = [.. Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName)];
            return words.Contains(text) ? text : throw Wrong($"one of {string.Join(", ", words)}");
        }

        private string Kind(Type type, string text)
        {
            var kinds = PartKinds.All[type].Select(known => known.Kind).ToList();
            return kinds.Contains(text) ? text : throw new KdException(
                $"'{Path}' is '{text}', and that is no {PartKinds.Role(type).Role}; the nearest is '{Nearest.Of(text, kinds)}'. "
                + $"Known: {string.Join(", ", kinds)}.");
        }

        private KdException Wrong(string expected) => new($"'{Path}' is '{Text}'; expected {expected}.");
    }

    // Of IReadOnlyList<T> the T.
    private static Type? ItemOf(Type type) =>
        type is { IsInterface: true, IsGenericType: true } ? type.GetGenericArguments()[0] : null;
}

/// <summary>A field of a recipe or of a part of it, as its JSON has it.</summary>
/// <param name="Type">Without its null; null for a kind.</param>
internal sealed record Field(string Name, Type? Type, bool Nullable);
