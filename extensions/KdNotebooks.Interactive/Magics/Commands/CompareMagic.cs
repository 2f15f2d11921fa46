using KdNotebooks.Catalogue;
using KdNotebooks.FSharp;
using KdNotebooks.Methods;
using KdNotebooks.Recipes;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Magics.Commands;

/// <param name="Weights">By method: its weight, null where it is to be measured.</param>
/// <param name="Folder">Null for the notebook's output folder.</param>
public sealed record CompareRequest(
    Recipe Recipe, IReadOnlyList<(string Method, double? Weight)> Weights, IReadOnlyList<int> Seeds, string? Folder);

/// <summary><c>#!kd-compare</c>: several methods in the place of the recipe's own.</summary>
internal sealed class CompareMagic : MagicCommand<CompareRequest>
{
    private static readonly MagicOption Methods = new(
        "--methods", "Methods, the first the baseline, each with its weight: none,paper=5,kd=0.2. A weight that is "
        + "left out is measured first, as kd-alpha does.", "LIST")
    {
        Default = $"the task's usual: {string.Join(',', PartKinds.UsualTask.UsualMethods)}",
        Words = () => NamedMethods.Names,
    };

    public override string Name => "kd-compare";

    public override string Summary => "Trains one student by several methods at equal budget, and compares them.";

    public override IReadOnlyList<MagicOption> Options =>
    [
        RecipeOptions.Recipe, Methods, RecipeOptions.Seeds, RecipeOptions.Epochs, RecipeOptions.Clip, RecipeOptions.Out,
    ];

    public override string Example => "kd-compare --recipe @recipe --methods none,paper=5,kd=0.2,at=50 --seeds 3";

    public override CompareRequest Read(MagicArguments arguments)
    {
        var recipe = RecipeOptions.Read(arguments);
        var words = WeightedWord.List(
            arguments, Methods, string.Join(',', recipe.Task.UsualMethods));
        foreach (var word in words)
        {
            arguments.Checked(Methods, () => Named.methodAt(word.Word, word.Weight ?? 1));
        }

        return new(
            recipe, [.. words.Select(word => (word.Word, word.Weight))], RecipeOptions.ReadSeeds(arguments),
            arguments.Text(RecipeOptions.Out));
    }

    public override object Run(CompareRequest request)
    {
        var variants = Weighted(request).ToList();
        var result = RecipeOptions.Run(Named.recipes(request.Recipe, variants, request.Seeds), request.Folder);
        ExperimentView.Show(result);
        return result;
    }

    private static IEnumerable<Variant> Weighted(CompareRequest request)
    {
        var open = request.Weights.Where(word => word.Weight is null && word.Method != "none")
            .Select(word => word.Method).ToList();
        var suggested = open.Count == 0 ? null : Suggest(request.Recipe, open);
        return request.Weights.Select(word =>
            Named.methodAt(word.Method, word.Weight ?? suggested?.GetValueOrDefault(word.Method) ?? 1));
    }

    private static Dictionary<string, double> Suggest(Recipe recipe, List<string> methods)
    {
        var report = AlphaProbe.Measure(
            [.. methods.Select(method => Named.methodAt(method, 1).Change.Invoke(recipe) with { Method = method })],
            new AlphaOptions(), RunContext.Current);
        Display.Show(report);
        // A method has one weight: of several terms the one that pulls hardest decides.
        return report.Terms.GroupBy(term => term.Method).ToDictionary(terms => terms.Key, Least);
    }

    private static double Least(IGrouping<string, AlphaTerm> terms)
    {
        List<double> suggested = [.. terms.Select(term => term.Suggested).Where(double.IsFinite)];
        return suggested.Count > 0 ? suggested.Min() : throw new KdException(
            $"kd-compare: no weight can be suggested for '{terms.Key}': {terms.First().Reason} Leave it out, or give "
            + $"it a weight of its own ({terms.Key}=...).");
    }
}
