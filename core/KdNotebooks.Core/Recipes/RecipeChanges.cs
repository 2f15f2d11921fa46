namespace KdNotebooks.Recipes;

/// <summary>Changes of a recipe for languages that have neither <c>with</c> nor a null of numbers.</summary>
public static class RecipeChanges
{
    /// <summary>
    /// The student alone: no teacher, nothing of it to begin with, and the task at its full weight of 1. What a method's
    /// task weight took from the labels is for its teacher to give, and nothing gives it here.
    /// </summary>
    public static Recipe Alone(this Recipe recipe) => recipe with
    {
        Teacher = null,
        FurtherTeachers = null,
        Inherited = null,
        Connections = [],
        Fused = null,
        Logits = null,
        TaskWeight = 1,
    };

    /// <summary>The recipe without a limit of a step's gradient.</summary>
    public static Recipe WithoutClip(this Recipe recipe) => recipe with { ClipNorm = null };

    /// <summary>The recipe whose epochs are passes over the images.</summary>
    public static Recipe WithoutIterations(this Recipe recipe) => recipe with { Iterations = null };

    /// <summary>The recipe that keeps no average of its student's weights.</summary>
    public static Recipe WithoutAverage(this Recipe recipe) => recipe with { Average = null };

    /// <summary>The recipe that trains to its last epoch.</summary>
    public static Recipe WithoutEarlyStopping(this Recipe recipe) => recipe with { EarlyStopping = null };
}
