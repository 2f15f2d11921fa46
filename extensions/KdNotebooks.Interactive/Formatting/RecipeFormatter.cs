using System.Globalization;
using System.Text.Json.Nodes;
using KdNotebooks.Catalogue;
using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Recipes;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>The decisions of a recipe in words; its JSON, with every field, folds away below them.</summary>
internal static class RecipeFormatter
{
    public static MimeBundle Format(Recipe recipe)
    {
        var json = RecipeJson.Write(recipe);
        var facts = Facts(recipe, JsonNode.Parse(json)!);
        return MimeBundle.OfHtml(
            HtmlStyle.Element + facts.Html()
            + HtmlText.Of($"<details><summary>As JSON</summary><pre>{json}</pre></details>"),
            $"{facts.Text()}\n\n{json}");
    }

    private static FactTable Facts(Recipe recipe, JsonNode json)
    {
        var table = new FactTable($"Recipe {recipe.Method}, seed {recipe.Seed}")
            .Add("data", Data(recipe.Data))
            .Add("task", recipe.Task.Equals(PartKinds.UsualTask) ? null : Choice(json["task"]))
            .Add("teacher", recipe.Teacher is { } teacher ? Teacher(teacher) : "none")
            .Add("student", recipe.Student.Name)
            .Add("begins with", recipe.Initial is { } initial
                ? $"{PathText.Of(initial.File)}, its {initial.Module}" : null)
            .Add("inherits", recipe.Inherited is { } inherited ? string.Join(", ", inherited) : null);
        AddGuidance(table, recipe.Guidance);
        foreach (var further in recipe.FurtherTeachers ?? [])
        {
            table.Add("further teacher", $"{Teacher(further.Teacher)}; weight {Number(further.Weight)}");
            AddGuidance(table, further.Guidance);
        }

        return table
            .Add("task weight", recipe.TaskWeight == 1 ? null : Number(recipe.TaskWeight))
            .Add("training", Training(recipe))
            .Add("optimizer", Choice(json["optimizer"]))
            .Add("schedule", Choice(json["schedule"]))
            .Add("gradient", recipe.ClipNorm is { } norm ? $"clipped to an L2 norm of {Number(norm)}" : null)
            .Add("average", recipe.Average is { } average
                ? $"of the weights, decay {Number(average.Decay)}{(average.WarmUp ? ", which warms up" : "")}" : null)
            .Add("early stopping", recipe.EarlyStopping is { } stop
                ? $"after {stop.Patience} epochs that are not better by more than {Number(stop.MinDelta)}" : null)
            .Add("augmentation", Augmented(recipe.Augmentation, json["augmentation"]))
            .Add("device", recipe.Device);
    }

    private static void AddGuidance(FactTable table, Guidance guidance)
    {
        foreach (var connection in guidance.Connections)
        {
            table.Add($"{connection.Student} to {connection.Teacher}", Place(connection));
        }

        table.Add("review", guidance.Fused is { } fused
                ? $"{fused.Name}; alpha {Number(fused.Alpha)}{WarmUp(fused.WarmUp)}" : null)
            .Add("logits", guidance.Logits is { } logits
                ? $"{logits.Loss.Name}; weight {Number(logits.Weight)}{WarmUp(logits.WarmUp)}" : null);
    }

    private static string Teacher(TeacherSpec teacher) => $"{teacher.Weights} ({Word(teacher.Source)}"
        + (teacher.Normalization is { } own ? $", normalized by {own})" : ")");

    private static string Data(DataSpec data)
    {
        (string Split, int? Count)[] splits =
            [("training", data.Train), ("validation", data.Validation), ("test", data.Test)];
        var counts = splits.Where(split => split.Count is not null).Select(split => $"{split.Count} {split.Split}");
        var which = data.Name + (data.Folder is { } folder ? $" in {folder}" : "")
            + (data.Size is { } size ? $" of {size}x{size} pixels" : "")
            + (data.KeepEmpty ? ", images without an object kept" : "");
        return string.Join(", ", counts) is { Length: > 0 } some ? $"{which}: {some} images" : which;
    }

    private static string Place(Connection connection) =>
        $"{connection.Aligner.Name}, {connection.Loss.Name} ({Reduction(connection.Loss)}); alpha "
        + $"{Number(connection.Alpha)}{WarmUp(connection.WarmUp)}"
        + (connection.Scores is { } scores ? $"; scores: {scores}" : "")
        + (connection.Spatial == Aligners.SpatialPolicy.None ? "" : $"; sizes: {Word(connection.Spatial)}");

    private static string Reduction(IFeatureLoss loss) => loss switch
    {
        IReducible { Reduction: Losses.Reduction.Mean } => "mean",
        IReducible => "sum per batch",
        _ => "its own reduction",
    };

    // A choice in the words of its JSON: "sgd: learningRate 0.1, momentum 0.9"; one of one's own by its name.
    private static string Choice(JsonNode? choice)
    {
        var fields = choice as JsonObject ?? [];
        var own = $"{fields["kind"]}" == "own";
        var shown = own ? fields["options"] as JsonObject ?? [] : fields;
        var options = string.Join(", ", shown.Where(field => field.Key != "kind").Select(field => field.Value switch
        {
            JsonObject inner => $"{field.Key} ({Choice(inner)})",
            // As text a list has the line breaks of the JSON that it was read from.
            JsonArray list => $"{field.Key} [{string.Join(list is [JsonObject, ..] ? "; " : ", ", list.Select(Item))}]",
            var value => $"{field.Key} {value?.ToJsonString() ?? "none"}",
        }));
        return string.Join(": ", new[] { $"{fields[own ? "name" : "kind"]}", options }.Where(part => part.Length > 0));
    }

    private static string Item(JsonNode? item) => item is JsonObject choice ? Choice(choice) : item?.ToJsonString() ?? "none";

    private static string Training(Recipe recipe) =>
        (recipe.Iterations is { } steps ? $"{steps} steps in {recipe.Epochs} epochs" : $"{recipe.Epochs} epochs")
        + $" of batches of {recipe.BatchSize}" + (recipe.Accumulate is > 1 and var batches ? $", {batches} a step" : "");

    private static string Augmented(IAugmentation augmentation, JsonNode? json) => augmentation.IsNone ? "none"
        : $"{Choice(json)}; " + (augmentation.Views > 0
            ? $"{augmentation.Views} views of each image"
            : "another view each epoch");

    private static string WarmUp(int epochs) => epochs > 0 ? $", grown over {epochs} epochs" : "";

    private static string Word<T>(T value) where T : struct, Enum => $"{value}".ToLowerInvariant();

    private static string Number(double value) => value.ToString("0.##########", CultureInfo.InvariantCulture);
}
