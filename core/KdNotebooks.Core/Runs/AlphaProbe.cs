using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Native;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;

namespace KdNotebooks.Runs;

/// <summary>How an <see cref="AlphaReport"/> is measured.</summary>
/// <param name="Steps">
/// Training steps before the measurement, at least 0: at its first weights a student's gradients say little of those
/// that it will have for most of its training. The default value is 40.
/// </param>
/// <param name="Batches">Measured, at least 1. The default value is 8.</param>
public sealed record AlphaOptions(int Steps = 40, int Batches = 8);

/// <summary>Measures how strongly each term of some recipes pulls, for an <see cref="AlphaReport"/>.</summary>
/// <remarks>
/// The student takes its steps by the task's gradient alone and each aligner by its own term's, brought to the length
/// that the suggested weight would give it, so that what is measured depends neither on the weights that are looked for
/// nor on a loss's reduction. Recipes that see the same images share one pass of the teacher.
/// </remarks>
public static class AlphaProbe
{
    /// <param name="recipes">Each with at least one term; the terms' weights do not matter, the task's does.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="context">Cancelled, it stops after the current step. Null for the current one.</param>
    /// <exception cref="KdException">A recipe holds its student to no teacher, or cannot be run.</exception>
    public static AlphaReport Measure(
        IReadOnlyList<Recipe> recipes, AlphaOptions? options = null, RunContext? context = null)
    {
        options ??= new AlphaOptions();
        context ??= RunContext.Current;
        if (options.Steps < 0 || options.Batches < 1)
        {
            throw new KdException(
                $"AlphaProbe: {options.Steps} steps and {options.Batches} batches; expected at least 0 and 1.");
        }

        if (recipes.FirstOrDefault(recipe => !recipe.Distils || (recipe.Guidance.NeedsTeacher && recipe.Teacher is null)) is { } alone)
        {
            throw new KdException(
                $"Recipe '{alone.Method}': it holds its student to no teacher, so there is no weight to choose; give "
                + "it a teacher and a connection.");
        }

        using var teachers = new TeacherPool(context);
        var tasks = new TaskPool();
        Recipe[] prepared = [.. recipes.Select(Prepared)];
        var terms = CohortStream.Cohorts(prepared)
            .SelectMany(cohort =>
                Measure(cohort.Stream, cohort.Members, options, (tasks, teachers), context.Cancellation))
            .ToLookup(term => term.Recipe, term => term.Term);
        return new AlphaReport(
            [.. prepared.SelectMany(recipe => terms[recipe])], options.Steps, options.Batches);
    }

    // A term's at a weight of one, the task's as it is; and with a live teacher: a few batches are no reason to fill a
    // cache.
    private static Recipe Prepared(Recipe recipe) => recipe with
    {
        Connections = AtOne(recipe.Connections),
        Fused = AtOne(recipe.Fused),
        Logits = AtOne(recipe.Logits),
        Teacher = recipe.Teacher is { } teacher ? teacher with { Source = TeacherSource.Live } : null,
        FurtherTeachers = recipe.FurtherTeachers?.Select(further => further with
        {
            Teacher = further.Teacher with { Source = TeacherSource.Live },
            Weight = 1,
            Connections = AtOne(further.Connections),
            Fused = AtOne(further.Fused),
            Logits = AtOne(further.Logits),
        }).ToList(),
    };

    private static IReadOnlyList<Connection> AtOne(IReadOnlyList<Connection> connections) =>
        [.. connections.Select(connection => connection with { Alpha = 1, WarmUp = 0 })];

    private static FusedConnection? AtOne(FusedConnection? fused) =>
        fused is null ? null : fused with { Alpha = 1, WarmUp = 0 };

    private static LogitConnection? AtOne(LogitConnection? logits) =>
        logits is null ? null : logits with { Weight = 1, WarmUp = 0 };

    private static List<(Recipe Recipe, AlphaTerm Term)> Measure(
        CohortStream stream, IReadOnlyList<Recipe> recipes, AlphaOptions options,
        (TaskPool Tasks, TeacherPool Teachers) pools, CancellationToken cancellation)
    {
        var device = Devices.Select(stream.Device);
        var task = pools.Tasks.Get(stream.Task, stream.Data, stream.Augmentation);
        var teacher = pools.Teachers.Get(stream, task, recipes, device)!; // each has a term
        var rehearsal = new Rehearsal(stream, task, pools.Teachers, device, cancellation);
        var verdicts = recipes.ToDictionary(
            recipe => recipe, recipe => TorchGenerator.Seeded(recipe.Seed, () => rehearsal.Verdicts(recipe, teacher)));
        var pupils = new List<AlphaPupil>();
        try
        {
            pupils.AddRange(recipes.Select(recipe => new AlphaPupil(
                recipe, task, teacher.Maps, pools.Teachers.Testator(recipe, task, device), device)));
            foreach (var pixels in Batches(stream, task, options.Steps + options.Batches, cancellation))
            {
                cancellation.ThrowIfCancellationRequested();
                using var scope = torch.NewDisposeScope();
                var batch = task.BatchOf(pixels, device);
                var features = teacher.Features(batch);
                pupils.ForEach(pupil => pupil.Step(batch, features));
            }

            return [.. pupils.SelectMany(pupil => Terms(pupil, verdicts[pupil.Recipe], options.Batches))];
        }
        finally
        {
            pupils.ForEach(pupil => pupil.Dispose());
        }
    }

    // Of the last batches.
    private static IEnumerable<(Recipe Recipe, AlphaTerm Term)> Terms(
        AlphaPupil pupil, IReadOnlyList<TermVerdict> verdicts, int batches)
    {
        var measured = pupil.Pulls.TakeLast(batches).ToList();
        return Enumerable.Range(0, measured[0].Count).Select(term => (
            pupil.Recipe,
            Mean(pupil.Recipe.Method, [.. measured.Select(pulls => pulls[term])]) with
            {
                Refusal = verdicts[term].Refusal,
            }));
    }

    private static AlphaTerm Mean(string method, List<TermPull> pulls) => new(
        method, pulls[0].Name, pulls.Average(pull => pull.TaskLoss), pulls.Average(pull => pull.Loss),
        pulls.Average(pull => pull.TaskGradient), pulls.Average(pull => pull.Gradient),
        pulls.Average(pull => pull.Cosine), pulls[0].Terms);

    private static IEnumerable<PixelBatch> Batches(CohortStream stream, ITask task, int count, CancellationToken cancellation)
    {
        task.RequireTrainable(stream.BatchSize);
        var loader = new BatchLoader(task.Data.Train, stream.BatchSize, stream.Seed, task.Augmentation, dropLast: true);
        return Enumerable.Range(1, (count + loader.Count - 1) / loader.Count)
            .SelectMany(epoch => loader.Epoch(epoch, cancellation)).Take(count);
    }
}
