using KdNotebooks.Data;
using KdNotebooks.Recipes;
using KdNotebooks.Tasks;

namespace KdNotebooks.Runs;

/// <summary>What recipes must share to be trained side by side.</summary>
/// <param name="Teacher">Null where no member distils.</param>
internal sealed record CohortStream(
    DataSpec Data, ITaskSpec Task, TeacherSpec? Teacher, IAugmentation Augmentation, int Epochs, int? Iterations,
    int BatchSize, string Device, int Seed)
{
    /// <summary>
    /// Deals recipes out to cohorts, in order of seed. A student without distillation goes with any teacher.
    /// </summary>
    public static IEnumerable<(CohortStream Stream, IReadOnlyList<Recipe> Members)> Cohorts(IReadOnlyList<Recipe> recipes) =>
        from images in recipes.GroupBy(recipe => Of(recipe, null))
        orderby images.Key.Seed
        let first = images.FirstOrDefault(recipe => recipe.Distils)?.Teacher
        from cohort in images.GroupBy(recipe => Of(recipe, recipe.Distils ? recipe.Teacher : first))
        select (cohort.Key, (IReadOnlyList<Recipe>)[.. cohort]);

    private static CohortStream Of(Recipe recipe, TeacherSpec? teacher) => new(
        recipe.Data, recipe.Task, teacher, recipe.Augmentation, recipe.Epochs, recipe.Iterations, recipe.BatchSize,
        recipe.Device, recipe.Seed);
}
