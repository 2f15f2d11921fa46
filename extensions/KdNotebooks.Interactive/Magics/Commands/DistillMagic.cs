using KdNotebooks.FSharp;
using KdNotebooks.Recipes;

namespace KdNotebooks.Interactive.Magics.Commands;

/// <param name="Recipe">With everything that the line changes.</param>
/// <param name="Folder">Null for the notebook's output folder.</param>
public sealed record DistillRequest(Recipe Recipe, IReadOnlyList<int> Seeds, string? Folder);

/// <summary><c>#!kd-distill</c>: trains one recipe, and measures it.</summary>
internal sealed class DistillMagic : MagicCommand<DistillRequest>
{
    private static readonly MagicOption Alpha = new(
        "--alpha", "The weight of every connection beside the task.", "WEIGHT")
    {
        Default = "the recipe's",
    };

    private static readonly MagicOption Method = new("--name", "What the runs are called in tables.", "NAME")
    {
        Default = "the recipe's",
    };

    public override string Name => "kd-distill";

    public override string Summary => "Trains the student of a recipe, one run a seed, and measures it.";

    public override IReadOnlyList<MagicOption> Options =>
    [
        RecipeOptions.Recipe, Alpha, RecipeOptions.Seeds with { Default = "the recipe's own" }, RecipeOptions.Epochs,
        RecipeOptions.Clip, Method, RecipeOptions.Out,
    ];

    public override string Example => "kd-distill --recipe @recipe --alpha 5 --seeds 3 --as result";

    public override DistillRequest Read(MagicArguments arguments)
    {
        var recipe = RecipeOptions.Read(arguments);
        recipe = recipe with { Method = arguments.Text(Method) ?? recipe.Method };
        if (arguments.Number(Alpha, least: 0) is { } alpha)
        {
            if (recipe.Connections.Count == 0 && recipe.Fused is null)
            {
                throw arguments.Wrong(
                    Alpha, $"is {alpha}, but recipe '{recipe.Method}' connects no maps; leave it out.");
            }

            recipe = Words.weight(alpha).Change.Invoke(recipe);
        }

        var seeds = arguments.Has(RecipeOptions.Seeds) ? RecipeOptions.ReadSeeds(arguments) : [recipe.Seed];
        return new(recipe, seeds, arguments.Text(RecipeOptions.Out));
    }

    public override object Run(DistillRequest request)
    {
        var result = RecipeOptions.Run(
            [.. request.Seeds.Select(seed => request.Recipe with { Seed = seed })], request.Folder);
        Display.Show(result);
        return result;
    }
}
