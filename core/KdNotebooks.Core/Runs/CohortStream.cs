using KdNotebooks.Data;
using KdNotebooks.Recipes;
using KdNotebooks.Tasks;

namespace KdNotebooks.Runs;

/// <summary>What recipes must share to be trained side by side.</summary>
/// <param name="Teacher">Null where no member distils.</param>
internal sealed record CohortStream(
    DataSpec Data, ITaskSpec Task, TeacherSpec? Teacher, IAugmentation Augmentation, int Epochs, int? Iterations,
    int BatchSize, string Device, int Seed, int Accumulate = 1)
{
    /// <summary>
    /// Deals recipes out to cohorts, in order of seed. A student that is not held to a first teacher goes with any; further
    /// teachers are the cohort's, whoever of it is held to them.
    /// </summary>
    public static IEnumerable<(CohortStream Stream, IReadOnlyList<Recipe> Members)> Cohorts(IReadOnlyList<Recipe> recipes) =>
        from images in recipes.GroupBy(recipe => Of(recipe, null))
        orderby images.Key.Seed
        let first = images.FirstOrDefault(recipe => recipe.Guidance.NeedsTeacher)?.Teacher
        from cohort in images.GroupBy(recipe => Of(recipe, recipe.Guidance.NeedsTeacher ? recipe.Teacher : first))
        select (cohort.Key, (IReadOnlyList<Recipe>)[.. cohort]);

    private static CohortStream Of(Recipe recipe, TeacherSpec? teacher) => new(
        recipe.Data, recipe.Task, teacher, recipe.Augmentation, recipe.Epochs, recipe.Iterations, recipe.BatchSize,
        recipe.Device, recipe.Seed, recipe.Accumulate ?? 1);
}
