using KdNotebooks.Models;
using KdNotebooks.Recipes;
using KdNotebooks.Tasks;
using KdNotebooks.Teachers;

namespace KdNotebooks.Runs;

/// <summary>The student as training begins with it, before its aligners: methods of one seed share its weights.</summary>
internal static class StudentStart
{
    /// <param name="recipe">Its weights are drawn, then read from a file, then taken from the teacher, as it says.</param>
    /// <param name="teacher">The recipe's; null where it inherits nothing.</param>
    /// <exception cref="Runtime.KdException">The weights that it begins with are not there, or do not fit.</exception>
    public static INetwork FirstStudent(this Recipe recipe, ITask task, TrainedModel? teacher) =>
        recipe.FirstStudent(task, teacher, out _);

    /// <param name="drawn">
    /// Tensors that the weights it begins with do not hold, and the seed draws; none without such weights.
    /// </param>
    /// <inheritdoc cref="FirstStudent(Recipe, ITask, TrainedModel?)"/>
    public static INetwork FirstStudent(
        this Recipe recipe, ITask task, TrainedModel? teacher, out IReadOnlyList<string> drawn)
    {
        var student = recipe.NewStudent(task);
        drawn = recipe.Initial?.LoadInto(student.Root) ?? [];
        if (recipe.Inherited is { } paths)
        {
            drawn = [.. drawn.Except(teacher!.Bequeath(student, paths, task))];
        }

        return student;
    }
}
