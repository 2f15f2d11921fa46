using KdNotebooks.FSharp;
using KdNotebooks.Methods;
using KdNotebooks.Recipes;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Magics.Commands;

/// <param name="Recipes">One a method, each with at least one term.</param>
public sealed record AlphaRequest(IReadOnlyList<Recipe> Recipes, AlphaOptions Options);

/// <summary><c>#!kd-alpha</c>: how hard each term pulls, and the weight at which it pulls like the task.</summary>
internal sealed class AlphaMagic : MagicCommand<AlphaRequest>
{
    private static readonly AlphaOptions Defaults = new();

    private static readonly MagicOption Methods = new(
        "--methods", "Methods to measure in the place of the recipe's own: paper,kd,at.", "LIST")
    {
        Default = "the recipe's own terms",
        Words = () => [.. NamedMethods.Names.Where(method => method != "none")],
    };

    private static readonly MagicOption Steps = new("--steps", "Training steps before the measurement.", "N")
    {
        Default = $"{Defaults.Steps}",
    };

    private static readonly MagicOption Batches = new("--batches", "Batches to measure on.", "N")
    {
        Default = $"{Defaults.Batches}",
    };

    public override string Name => "kd-alpha";

    public override string Summary => "Measures how hard each distillation term pulls, and suggests its weight.";

    public override IReadOnlyList<MagicOption> Options => [RecipeOptions.Recipe, Methods, Steps, Batches];

    public override string Example => "kd-alpha --recipe @recipe --methods paper,kd,at --as weights";

    public override AlphaRequest Read(MagicArguments arguments)
    {
        var recipe = RecipeOptions.Read(arguments);
        IReadOnlyList<Recipe> recipes = arguments.Has(Methods)
            ? [.. arguments.List(Methods).Select(word => Of(arguments, recipe, word))]
            : [recipe];
        return new(recipes, new(
            arguments.Whole(Steps, least: 0) ?? Defaults.Steps,
            arguments.Whole(Batches, least: 1) ?? Defaults.Batches));
    }

    public override object Run(AlphaRequest request)
    {
        var report = AlphaProbe.Measure(request.Recipes, request.Options, RunContext.Current);
        Display.Show(report);
        return report;
    }

    private static Recipe Of(MagicArguments arguments, Recipe recipe, string word) =>
        arguments.Checked(Methods, () => Named.methodAt(word, 1)) is { Name: not "none" } variant
            ? variant.Change.Invoke(recipe) with { Method = variant.Name }
            : throw arguments.Wrong(Methods, "names 'none', which has no weight.");
}
