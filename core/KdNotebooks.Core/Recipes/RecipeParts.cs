using KdNotebooks.Datasets;
using KdNotebooks.Distillation;
using KdNotebooks.Models;
using KdNotebooks.Tasks;
using KdNotebooks.Training;

namespace KdNotebooks.Recipes;

/// <summary>What a recipe builds for its data.</summary>
public static class RecipeParts
{
    /// <summary>What it trains for, on its data.</summary>
    /// <exception cref="Runtime.KdException">The dataset is not there, or of another kind than the task.</exception>
    public static ITask OpenTask(this Recipe recipe) => recipe.Task.On(KnownDatasets.Open(recipe.Data), recipe.Augmentation);

    /// <summary>The student with weights drawn from torch's generator, before it begins with any others.</summary>
    internal static INetwork NewStudent(this Recipe recipe, ITask task) =>
        Network.Of(recipe.Student.Build((int)task.Image[0], task.Outputs));

    /// <summary>How its student is trained.</summary>
    internal static StudentTrainerOptions TrainerOptions(this Recipe recipe) => new(
        $"{recipe.Method} seed {recipe.Seed}", recipe.Optimizer, recipe.Schedule, recipe.ClipNorm, recipe.TaskWeight,
        recipe.Parameters, recipe.EarlyStopping);

    /// <summary>The student, held to the teacher as the recipe says.</summary>
    internal static Distiller NewDistiller(
        this Recipe recipe, INetwork student, TeacherMaps teacher, ITask task) =>
        new(student, task, recipe.Guidance, teacher, [.. task.Image]);
}
