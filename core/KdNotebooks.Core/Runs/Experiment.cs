using System.Diagnostics;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;

namespace KdNotebooks.Runs;

/// <summary>Runs recipes. Those that see the same stream of images are trained as one cohort.</summary>
public static class Experiment
{
    /// <summary>Runs every recipe to its end and measures it.</summary>
    /// <param name="recipes">The first one's method is the baseline of the result.</param>
    /// <param name="context">
    /// Cancelled, it stops after the current step, and what the runs have kept stays. Null for the current one.
    /// </param>
    /// <param name="completed">Told of each run when it is whole, before the next begins. Null (the default): nobody.</param>
    /// <exception cref="KdException">
    /// A recipe cannot be run, or two are the same; said before anything is trained.
    /// </exception>
    public static ExperimentResult Run(
        IReadOnlyList<Recipe> recipes, RunContext? context = null, Action<RunResult>? completed = null)
    {
        RequireRunnable(recipes);
        context ??= RunContext.Current;
        var clock = Stopwatch.StartNew();
        using var teachers = new TeacherPool(context);
        var tasks = new TaskPool();
        var cohorts = CohortStream.Cohorts(recipes)
            .Select(cohort => new CohortRun(cohort.Stream, cohort.Members, tasks, teachers, context)).ToList();
        // Before anybody asks what the data are: the answer is in every run's id.
        cohorts.ForEach(cohort => cohort.ReadAgain());
        // All of them before the first is trained: an error in the last recipe must not cost the others' hours.
        cohorts.ForEach(cohort => cohort.Rehearse());
        teachers.RequireMemory();
        tasks.Remarks.ToList().ForEach(context.Notice);
        Say(cohorts.SelectMany(cohort => cohort.Notes).ToDictionary(), recipes, context);
        var done = cohorts.SelectMany(cohort => cohort.Run(completed)).ToDictionary(result => result.Recipe);

        return new ExperimentResult([.. recipes.Select(recipe => done[recipe])], teachers.FirstCheck, clock.Elapsed);
    }

    // Once for all seeds, and for all methods of which it is true.
    private static void Say(
        Dictionary<Recipe, IReadOnlyList<string>> notes, IReadOnlyList<Recipe> recipes, RunContext context)
    {
        foreach (var same in recipes.SelectMany(recipe => notes[recipe].Select(note => (recipe.Method, Note: note)))
            .Distinct().GroupBy(said => said.Note, said => $"'{said.Method}'"))
        {
            var methods = same.ToList();
            context.Notice($"{(methods.Count == 1 ? "Recipe" : "Recipes")} {string.Join(", ", methods)}: {same.Key}");
        }
    }

    private static void RequireRunnable(IReadOnlyList<Recipe> recipes)
    {
        if (recipes.Count == 0)
        {
            throw new KdException("Experiment: there is no recipe to run; expected at least one.");
        }

        var names = recipes.GroupBy(recipe => (recipe.Method, recipe.Seed));
        if (names.FirstOrDefault(name => name.Count() > 1) is { } twice)
        {
            throw new KdException(
                $"Experiment: {twice.Count()} recipes are called '{twice.Key.Method}' with seed {twice.Key.Seed}; give "
                + "each its own method name, or its own seed.");
        }

        if (recipes.FirstOrDefault(recipe => recipe.Guidance.NeedsTeacher && recipe.Teacher is null) is { } orphan)
        {
            throw new KdException($"Recipe '{orphan.Method}': it has connections to a teacher, but names no teacher.");
        }

        if (recipes.FirstOrDefault(recipe => recipe.Inherited is not null && recipe.Teacher is null) is { } heir)
        {
            throw new KdException(
                $"Recipe '{heir.Method}': it inherits {string.Join(", ", heir.Inherited!.Select(path => $"'{path}'"))}, but "
                + "names no teacher; give it one (`teacher`), or inherit nothing.");
        }

        if (recipes.FirstOrDefault(recipe => recipe.Guidance.Further.Any(further => !further.Guidance.NeedsTeacher)) is { } idle)
        {
            var silent = idle.FurtherTeachers!.First(further => !further.Guidance.NeedsTeacher);
            throw new KdException(
                $"Recipe '{idle.Method}': nothing is held to the further teacher '{silent.Teacher.Weights}'; give it connections, "
                + "a review or logits, or leave it out.");
        }

        recipes.ToList().ForEach(RecipeNotes.RequireWeight);
    }
}
