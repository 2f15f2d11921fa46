using KdNotebooks.Distillation;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Training;

namespace KdNotebooks.Runs;

/// <summary>What a recipe's numbers say of a run before it begins.</summary>
internal static class RecipeNotes
{
    /// <exception cref="KdException">Nothing would be learned by it.</exception>
    public static void RequireWeight(Recipe recipe)
    {
        if (recipe.TaskWeight == 0 && Weights(recipe).All(term => term.Weight == 0))
        {
            throw new KdException(
                $"Recipe '{recipe.Method}': the task's weight is 0, and so is every other: there is nothing to learn "
                + "by. Give one of them a weight.");
        }
    }

    /// <summary>A sentence each.</summary>
    /// <param name="steps">Of the run.</param>
    public static IEnumerable<string> Of(Recipe recipe, int steps, int stepsPerEpoch)
    {
        if (!recipe.Distils && recipe.TaskWeight != 1)
        {
            yield return FormattableString.Invariant(
                $"the student is alone, and learns the task at a weight of {recipe.TaskWeight}: a baseline has 1.");
        }

        if (recipe.EarlyStopping is { } stop && stop.Patience >= recipe.Epochs)
        {
            yield return $"early stopping waits {stop.Patience} epochs, and the run has {recipe.Epochs}: it never stops early.";
        }

        if (recipe.Average is { WarmUp: false, Decay: var decay } && Math.Pow(decay, steps) > 0.1)
        {
            yield return FormattableString.Invariant(
                $"after {steps} steps the average still holds {Math.Pow(decay, steps):P0} of the first weights (decay {decay}); ")
                + "lower the decay, or let it warm up.";
        }

        foreach (var note in Schedules.Notes(recipe.Schedule, steps, stepsPerEpoch))
        {
            yield return note;
        }

        if (TermWeight.Note("the task", recipe.TaskWeight) is { } large)
        {
            yield return large;
        }

        foreach (var (name, weight, warmUp) in Weights(recipe).Where(term => term.Weight > 0))
        {
            if (warmUp > recipe.Epochs)
            {
                yield return FormattableString.Invariant(
                    $"'{name}' grows to its weight over {warmUp} epochs, and the run has {recipe.Epochs}: it comes to ")
                    + FormattableString.Invariant($"{weight * recipe.Epochs / warmUp:G3} of {weight:G3}.");
            }

            if (TermWeight.Note($"'{name}'", weight) is { } note)
            {
                yield return note;
            }
        }
    }

    private static IEnumerable<(string Name, double Weight, int WarmUp)> Weights(Recipe recipe) =>
        Weights(recipe.Guidance).Concat((recipe.FurtherTeachers ?? []).SelectMany((further, i) => Weights(further.Guidance)
            .Select(term => ($"teacher {i + 2}: {term.Name}", term.Weight * further.Weight, term.WarmUp))));

    private static IEnumerable<(string Name, double Weight, int WarmUp)> Weights(Guidance guidance)
    {
        foreach (var connection in guidance.Connections)
        {
            yield return (connection.Name, connection.Alpha, connection.WarmUp);
        }

        if (guidance.Fused is { } fused)
        {
            yield return (fused.Name, fused.Alpha, fused.WarmUp);
        }

        if (guidance.Logits is { } logits)
        {
            yield return (logits.Name, logits.Weight, logits.WarmUp);
        }
    }
}
