using KdNotebooks.Data;
using KdNotebooks.Distillation;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Experiments;

/// <summary>What a recipe builds for its data; the student before its aligners, so that methods share its weights.</summary>
internal static class RecipeParts
{
    /// <summary>The untrained student.</summary>
    public static Module<Tensor, Tensor> NewStudent(this Recipe recipe, ImageData data) =>
        recipe.Student.Build(data.Train.Channels, data.Train.ClassNames.Count);

    /// <summary>The student, held to the teacher as the recipe says.</summary>
    public static Distiller NewDistiller(
        this Recipe recipe, Module<Tensor, Tensor> student, TeacherMaps teacher, ImageData data) =>
        new(student, recipe.Guidance, teacher, data.Train.Channels, data.Train.Height, data.Train.Width);
}
