using System.Text.Json.Nodes;
using KdNotebooks.Catalogue;
using KdNotebooks.Datasets;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Training;

namespace KdNotebooks.Recipes;

/// <summary>A part of a recipe that its JSON names and does not rebuild.</summary>
/// <param name="Role">
/// "loss", "logit loss", "aligner", "model", "optimizer", "schedule", "augmentation", "task", "data".
/// </param>
/// <param name="Name">What it is registered as.</param>
/// <param name="Code">The code's fingerprint; empty for data, whose own stands beside the recipe.</param>
public sealed record Guest(string Role, string Name, string Code);

/// <summary>The readers' own parts of a recipe.</summary>
public static class Guests
{
    internal const string Data = "data";

    // What a field holds; a loss is the logits' where it stands in them.
    private static readonly Dictionary<string, string> Roles = new()
    {
        ["student"] = PartKinds.Role(typeof(IModelSpec)).Role,
        ["then"] = PartKinds.Role(typeof(ISchedule)).Role,
        ["logits.loss"] = PartKinds.Role(typeof(ILogitLoss)).Role,
    };

    /// <summary>In the order in which JSON has them, each once; none where JSON alone rebuilds the recipe.</summary>
    public static IReadOnlyList<Guest> Of(Recipe recipe)
    {
        var found = new List<Guest>();
        if (KnownDatasets.IsOwn(recipe.Data.Name))
        {
            found.Add(new Guest(Data, recipe.Data.Name, ""));
        }

        Walk(JsonNode.Parse(RecipeJson.Write(recipe)), "", "", found);
        return [.. found.Distinct()];
    }

    private static void Walk(JsonNode? node, string outer, string field, List<Guest> found)
    {
        switch (node)
        {
            case JsonObject part:
                if (part[PartKinds.Word]?.ToString() == GuestJson.Own)
                {
                    var role = Roles.GetValueOrDefault($"{outer}.{field}") ?? Roles.GetValueOrDefault(field) ?? field;
                    found.Add(new Guest(role, $"{part[GuestJson.Name]}", $"{part[GuestJson.Code]}"));
                }

                foreach (var (name, inner) in part)
                {
                    Walk(inner, field, name, found);
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    Walk(item, outer, field, found);
                }

                break;
        }
    }
}
