using System.Globalization;
using KdNotebooks.Aligners;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Recipes;

namespace KdNotebooks.Tests.Recipes;

public sealed class RecipeTests
{
    [Fact]
    public void A_change_of_any_single_field_at_any_depth_changes_the_hash()
    {
        var recipe = Variations.Full();
        var changed = Variations.Of(recipe, typeof(Recipe)).ToList();

        var hashes = changed.Select(change => ((Recipe)change.Value!).Hash()).Append(recipe.Hash()).ToList();

        Assert.Equal(hashes.Count, hashes.Distinct().Count());
        Assert.All(Variations.Fields(typeof(Recipe)), field =>
            Assert.Contains(changed, change => change.Path.StartsWith($".{field.Name}", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_walk_over_the_fields_reaches_the_nested_ones()
    {
        var paths = new HashSet<string>();
        foreach (string kind in Variations.Kinds)
        {
            paths.UnionWith(Variations.Of(Variations.Full(kind), typeof(Recipe)).Select(change => change.Path));
        }

        Assert.Subset(paths, new HashSet<string>
        {
            ".Seed", ".Teacher.Source", ".Connections[0].Aligner.Hidden", ".Connections[0].Loss.Reduction",
            ".Fused.Stages[0].Student", ".Fused.Stages[]", ".Fused.Mid", ".Connections[0].Aligner.Ratio", ".Connections[]", ".Logits.Loss.Temperature", ".Optimizer.Nesterov", ".Optimizer as adamw",
            ".Augmentation.Views", ".ClipNorm",
        });
    }

    [Fact]
    public void Every_kind_has_a_hash_of_its_own_and_so_has_every_field_of_it()
    {
        foreach (string kind in Variations.Kinds)
        {
            var recipe = Variations.Full(kind);
            var changed = Variations.Of(recipe, typeof(Recipe));
            Assert.DoesNotContain(recipe.Hash(), changed.Select(change => ((Recipe)change.Value!).Hash()));
        }
    }

    [Fact]
    public void The_same_content_is_equal_and_has_the_same_hash_whatever_holds_it()
    {
        var recipe = Variations.Full();
        var again = Variations.Full() with { Connections = [.. recipe.Connections.ToList()] };

        Assert.Equal(recipe, again);
        Assert.Equal(recipe.GetHashCode(), again.GetHashCode());
        Assert.Equal(recipe.Hash(), again.Hash());
        Assert.NotEqual(recipe, again with { Seed = 99 });
        Assert.False(recipe.Equals(null));
    }

    [Fact]
    public void A_reader_s_decimal_comma_changes_nothing()
    {
        var recipe = Variations.Full();
        var (text, hash) = (RecipeJson.Write(recipe), recipe.Hash());
        var before = CultureInfo.CurrentCulture;
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        comma.NumberFormat.NegativeSign = "~";
        try
        {
            CultureInfo.CurrentCulture = comma;
            Assert.Equal("0,5", $"{0.5}");
            Assert.Equal(hash, recipe.Hash());
            Assert.Equal(recipe, RecipeJson.Read(text));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_recipe_distils_with_a_connection_or_with_logits()
    {
        Assert.False(Plain.Distils);
        Assert.True((Plain with { Logits = new(new KdLoss(), 1) }).Distils);
        Assert.True((Plain with { Fused = new([new("a", "b")], new L2Loss(), 1) }).Distils);
        Assert.True((Plain with { Connections = [new("a", "b", new Linear(), new L2Loss(), 1)] }).Distils);
    }

    private static Recipe Plain { get; } =
        new() { Method = "none", Data = new("fashion-mnist-mini"), Student = new ResNetSpec() };
}
