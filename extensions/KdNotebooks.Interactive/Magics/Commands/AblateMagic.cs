using KdNotebooks.FSharp;
using KdNotebooks.Recipes;

namespace KdNotebooks.Interactive.Magics.Commands;

/// <param name="Recipe">With everything that the line changes in all variants.</param>
/// <param name="Variants">The first is the baseline.</param>
/// <param name="Folder">Null for the notebook's output folder.</param>
public sealed record AblateRequest(
    Recipe Recipe, IReadOnlyList<Variant> Variants, IReadOnlyList<int> Seeds, string? Folder);

/// <summary><c>#!kd-ablate</c>: one recipe with other aligners, weights or places.</summary>
internal sealed class AblateMagic : MagicCommand<AblateRequest>
{
    private const string Default = "none,linear,mlp1,mlp2";

    // Made anew each time: cells register aligners of their own.
    private static MagicOption Aligner => new(
        "--aligner", "Aligners, yours by their names too, each with a weight of its own where one is given: "
        + "none,linear=2,mlp1=5. The first is the baseline.", "LIST")
    {
        Default = Default,
        Known = [.. Named.aligners()],
    };

    private static readonly MagicOption Alpha = new(
        "--alpha", "Weights, each with each aligner that has none of its own: 1,2,5.", "LIST")
    {
        Default = "the recipe's",
    };

    private static readonly MagicOption Place = new(
        "--place", "Module paths, the same in student and teacher: layer2,layer3.", "LIST")
    {
        Default = "the recipe's",
    };

    public override string Name => "kd-ablate";

    public override string Summary => "Trains one recipe with several aligners, weights or places, and compares them.";

    public override IReadOnlyList<MagicOption> Options =>
    [
        RecipeOptions.Recipe, Aligner, Alpha, Place, RecipeOptions.Seeds, RecipeOptions.Epochs, RecipeOptions.Clip,
        RecipeOptions.Out,
    ];

    public override string Example => "kd-ablate --recipe @recipe --aligner none,linear,mlp1,mlp2 --seeds 3 --as depth";

    public override AblateRequest Read(MagicArguments arguments)
    {
        var recipe = RecipeOptions.Read(arguments);
        var aligners = WeightedWord.List(arguments, Aligner, Default);
        IReadOnlyList<double?> weights = arguments.Has(Alpha)
            ? [.. arguments.List(Alpha).Select(text => (double?)arguments.Number(Alpha, text, least: 0))]
            : [null];
        IReadOnlyList<string?> places = arguments.Has(Place) ? [.. arguments.List(Place)] : [null];
        var variants = aligners.SelectMany(aligner => Variants(arguments, aligner, weights, places)).ToList();
        return new(recipe, variants, RecipeOptions.ReadSeeds(arguments), arguments.Text(RecipeOptions.Out));
    }

    public override object Run(AblateRequest request)
    {
        var result = RecipeOptions.Run(
            Named.recipes(request.Recipe, request.Variants, request.Seeds), request.Folder);
        ExperimentView.Show(result);
        return result;
    }

    // The student alone has neither weight nor place.
    private static IEnumerable<Variant> Variants(
        MagicArguments arguments, WeightedWord aligner, IReadOnlyList<double?> weights, IReadOnlyList<string?> places)
    {
        var variant = arguments.Checked(Aligner, () => Named.aligner(aligner.Word));
        if (aligner.Word == "none")
        {
            return [variant];
        }

        // A weight that stands with one aligner belongs to it and is not part of its name.
        if (aligner.Weight is { } own)
        {
            variant = Words.called(variant.Name, Words.together(Words.weight(own), variant));
            weights = [null];
        }

        return weights.SelectMany(weight => places.Select(place => With(With(variant, weight), place)));
    }

    private static Variant With(Variant variant, double? weight) =>
        weight is { } alpha ? Words.together(Words.weight(alpha), variant) : variant;

    private static Variant With(Variant variant, string? place) =>
        place is not null ? Words.together(Words.connecting(place, place), variant) : variant;
}
