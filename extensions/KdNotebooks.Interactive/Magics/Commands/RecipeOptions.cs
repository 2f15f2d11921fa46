using KdNotebooks.Recipes;
using KdNotebooks.Results;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Magics.Commands;

/// <summary>What commands that train have in common: the recipe, what to change in it, where runs go.</summary>
internal static class RecipeOptions
{
    public static readonly MagicOption Recipe = new(
        "--recipe", "The experiment: a recipe that a cell has named, or a JSON file of one.", "@RECIPE")
    {
        Default = "@recipe",
        Takes = typeof(Recipe),
    };

    public static readonly MagicOption Seeds = new(
        "--seeds", "How many seeds, from 1 on; or which, with commas: 101,102.", "N")
    {
        Default = "3",
    };

    public static readonly MagicOption Epochs = new("--epochs", "Epochs of every run.", "N")
    {
        Default = "the recipe's",
    };

    public static readonly MagicOption Clip = new("--clip", "Largest L2 norm of a step's gradient.", "NORM")
    {
        Default = "the recipe's",
    };

    public static readonly MagicOption Out = new(
        "--out", "A folder for the run folders and results.json.", "DIR")
    {
        Default = "runs in the notebook's output folder, and no results.json",
    };

    /// <summary>The recipe, with what the line changes in it.</summary>
    public static Recipe Read(MagicArguments arguments)
    {
        var recipe = arguments.Value(Recipe, path => FromFile(arguments, path), fallback: "@recipe");
        return recipe with
        {
            Epochs = arguments.Whole(Epochs, least: 1) ?? recipe.Epochs,
            ClipNorm = arguments.Number(Clip) ?? recipe.ClipNorm,
        };
    }

    /// <summary>"3" is 1, 2, 3; "101,102" is those two; "101," is that one.</summary>
    public static IReadOnlyList<int> ReadSeeds(MagicArguments arguments)
    {
        var text = arguments.Text(Seeds) ?? Seeds.Default;
        if (!text.Contains(','))
        {
            return [.. Enumerable.Range(1, arguments.Whole(Seeds, text, least: 1))];
        }

        var words = text.TrimEnd(',').Split(',', StringSplitOptions.TrimEntries);
        List<int> seeds = [.. words.Select(seed => arguments.Whole(Seeds, seed, least: 0))];
        return seeds.Distinct().Count() == seeds.Count ? seeds
            : throw arguments.Wrong(Seeds, $"is '{text}', which names a seed twice.");
    }

    /// <summary>Trains and measures; with a folder given, leaves results.json there too.</summary>
    public static ExperimentResult Run(IReadOnlyList<Recipe> recipes, string? folder)
    {
        if (folder is null)
        {
            return Experiment.Run(recipes, RunContext.Current);
        }

        var root = Directory.CreateDirectory(folder).FullName;
        var result = Experiment.Run(recipes, RunContext.Current with { Output = root });
        ResultsFile.Write(Path.Combine(root, "results.json"), result.Table.Rows);
        return result;
    }

    private static Recipe FromFile(MagicArguments arguments, string path)
    {
        try
        {
            return RecipeJson.Read(File.ReadAllText(path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw arguments.Wrong(Recipe,
                $"is '{path}', a file that cannot be read ({error.Message.TrimEnd('.')}); expected "
                + $"{MagicArguments.ValueSign}name of a recipe, or the path of one as JSON.");
        }
    }
}
