using System.CommandLine;
using System.Globalization;
using KdNotebooks.Catalogue;
using KdNotebooks.Models;
using KdNotebooks.Models.Classification;
using KdNotebooks.Recipes;
using KdNotebooks.Results;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;

namespace KdNotebooks.Cli;

/// <summary><c>kd train</c>: trains a named recipe, or one in a file, without a notebook.</summary>
internal static class TrainCommand
{
    public static Command Create(TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var recipe = new Argument<string>("RECIPE")
        {
            Description = "A named recipe (`kd recipes` lists them), or the JSON file of one.",
        };
        var data = Text("--data", "DIR", "Where the dataset lies. [default: the recipe's folder]");
        var teacher = Text(
            "--teacher", "FILE", "The teacher's weights, a file or a name of the package. [default: the recipe's]");
        var student = Text(
            "--student", "NAME", "Another student: a network of `kd networks`, or a kind with its defaults. [default: the recipe's]");
        var seeds = Text(
            "--seeds", "N", "How many seeds, from 1 on; or which, with commas: 101,102. [default: the recipe's own]");
        var epochs = Text("--epochs", "N", "Epochs of every run. [default: the recipe's]");
        var folder = Text("--out", "DIR", "For the run folders and results.json. [default: artifacts/<the recipe's name>]");
        var set = new Option<string[]>("--set")
        {
            Description = "Changes a field by its place in the recipe's JSON: optimizer.learningRate=0.05, "
                + "connections[*].alpha=5. May be repeated.",
            HelpName = "field=value",
        };
        var quiet = new Option<bool>("--no-events") { Description = "Writes no TensorBoard events. [default: writes them]" };
        var command = new Command("train", "Trains a recipe, one run a seed, and measures it.")
        {
            recipe, data, teacher, student, seeds, epochs, set, folder, quiet,
        };
        command.SetAction(parsed =>
        {
            // Before the work: what is wrong with the command line is wrong usage.
            var (read, named, name) = Read(parsed.GetRequiredValue(recipe));
            var changed = Changed(
                read, parsed.GetValue(data), parsed.GetValue(teacher), parsed.GetValue(student), parsed.GetValue(epochs),
                parsed.GetValue(set) ?? []);
            Recipe[] recipes = [.. Seeds(parsed.GetValue(seeds), read.Seed).Select(seed => changed with { Seed = seed })];
            var place = parsed.GetValue(folder) ?? Path.Combine("artifacts", name.Replace('/', '-'));
            return LongWork.Run(error, stop => Train(
                recipes, named, place, !parsed.GetValue(quiet), new ConsoleProgress(output), stop), cancellation);
        });
        return command;
    }

    private static int Train(
        IReadOnlyList<Recipe> recipes, NamedRecipe? named, string folder, bool events, ConsoleProgress progress,
        CancellationToken stop)
    {
        var root = Directory.CreateDirectory(folder).FullName;
        var context = RunContext.Current with
        {
            Progress = progress,
            Output = root,
            Cancellation = stop,
            TensorBoard = events,
        };
        var results = Path.Combine(root, "results.json");
        List<ResultRow> rows = [];
        try
        {
            Experiment.Run(recipes, context, run =>
            {
                rows.AddRange(run.Rows);
                ResultsFile.Write(results, rows);
            });
        }
        finally
        {
            Conclude(rows, named, results, context, progress);
        }

        return KdCommand.Ok;
    }

    // What is complete is shown, whatever became of the rest.
    private static void Conclude(
        List<ResultRow> rows, NamedRecipe? named, string results, RunContext context, ConsoleProgress progress)
    {
        if (rows.Count == 0)
        {
            return;
        }

        progress.Line("");
        progress.Line(new ResultTable(rows, rows[0].Method).ToString().TrimEnd());
        foreach (var number in named?.Published ?? [])
        {
            progress.Line(FormattableString.Invariant($"published: {number.What}: {number.Value} ({number.Source})"));
        }

        progress.Line($"Files: {Path.GetRelativePath(".", results)}, {Path.GetRelativePath(".", context.Runs)}"
            + (context.TensorBoard ? $" (tensorboard --logdir {Path.GetRelativePath(".", context.Runs)})" : ""));
    }

    private static (Recipe Recipe, NamedRecipe? Named, string Name) Read(string nameOrFile)
    {
        if (NamedRecipes.Names.Contains(nameOrFile))
        {
            var named = NamedRecipes.Find(nameOrFile);
            return (named.Recipe, named, nameOrFile);
        }

        if (!File.Exists(nameOrFile))
        {
            throw new KdException(
                $"'{nameOrFile}' is neither a named recipe (the nearest is '{Nearest.Of(nameOrFile, NamedRecipes.Names)}'; "
                + "`kd recipes` lists them) nor a file.");
        }

        try
        {
            var recipe = RecipeJson.Read(File.ReadAllText(nameOrFile), nameOrFile);
            return (recipe, null, Path.GetFileNameWithoutExtension(nameOrFile));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KdException($"{nameOrFile}: {error.Message}", error);
        }
    }

    private static Recipe Changed(
        Recipe recipe, string? data, string? teacher, string? student, string? epochs, IReadOnlyList<string> set)
    {
        if (teacher is not null && recipe.Teacher is null)
        {
            throw new KdException($"Recipe '{recipe.Method}' has no teacher; leave --teacher out, or name a recipe that has one.");
        }

        List<string> changes =
        [
            .. data is null ? [] : new[] { $"data.folder={data}" },
            .. teacher is null ? [] : new[] { $"teacher.weights={teacher}" },
            .. student is null ? [] : new[] { Student(student) },
            .. epochs is null ? [] : new[] { $"epochs={Whole("--epochs", epochs, 1)}" },
            .. set,
        ];
        return RecipeEdit.Apply(recipe, changes);
    }

    // A network by its code base's name, or a kind of model with its defaults.
    private static string Student(string name)
    {
        var kinds = PartKinds.All[typeof(IModelSpec)].Select(kind => kind.Kind).ToList();
        return NamedNetworks.Names.Contains(name) ? $"student={{\"kind\": \"network\", \"network\": \"{name}\"}}"
            : kinds.Contains(name) ? $"student={name}"
            : throw new KdException(
                $"--student is '{name}', and that is no model; the nearest is '{Nearest.Of(name, NamedNetworks.Names.Concat(kinds))}'. "
                + "`kd networks` lists them; another one is set field by field (--set student.kind=segmenter).");
    }

    private static List<int> Seeds(string? text, int own)
    {
        if (text is null)
        {
            return [own];
        }

        if (!text.Contains(','))
        {
            return [.. Enumerable.Range(1, Whole("--seeds", text, 1))];
        }

        List<int> seeds = [.. text.TrimEnd(',').Split(',', StringSplitOptions.TrimEntries).Select(one => Whole("--seeds", one, 0))];
        return seeds.Distinct().Count() == seeds.Count ? seeds
            : throw new KdException($"--seeds is '{text}', which names a seed twice.");
    }

    private static int Whole(string option, string text, int least) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least
            ? number
            : throw new KdException($"{option} is '{text}'; expected a whole number of at least {least}.");

    private static Option<string?> Text(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value };
}
