namespace KdNotebooks.Recipes;

/// <summary>Changes of a recipe for languages that have neither <c>with</c> nor a null of numbers.</summary>
public static class RecipeChanges
{
    /// <summary>The recipe without a limit of a step's gradient.</summary>
    public static Recipe WithoutClip(this Recipe recipe) => recipe with { ClipNorm = null };

    /// <summary>The recipe whose epochs are passes over the images.</summary>
    public static Recipe WithoutIterations(this Recipe recipe) => recipe with { Iterations = null };
}
