using KdNotebooks.Native;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;

namespace KdNotebooks.Runs;

/// <summary>What decides a run's outcome: the recipe, and the contents of what the recipe only names.</summary>
/// <param name="Data">The dataset's fingerprint.</param>
/// <param name="Teacher">
/// The fingerprint of the teacher's weights, with those of further ones behind it; null where the recipe has none.
/// </param>
/// <param name="Initial">That of the weights that the student begins with; null where they are drawn.</param>
/// <param name="Machine">
/// What rounds the numbers: with another number of threads, or on another processor, the same recipe comes out
/// otherwise, and is another run. Null (the default) leaves it out.
/// </param>
public sealed record RunIdentity(
    Recipe Recipe, string Data, string? Teacher, string? Initial = null, Machine? Machine = null)
{
    /// <summary>The run folder's name: method, seed and twelve hex digits over everything that matters.</summary>
    public string Id => $"{FileName(Recipe.Method)}-seed{Recipe.Seed}-{Hash[..12]}";

    /// <summary>SHA-256 over recipe, data, teacher, initial weights and machine, 64 lower-case hex digits.</summary>
    public string Hash => Sha256.OfText(string.Join('\n', RecipeJson.Write(Recipe), Data, Teacher, Initial, Machine));

    // A method's name is the reader's own: only letters, digits and dashes of it reach the disk.
    private static string FileName(string method) =>
        new string([.. method.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' ? c : '_')]) is { Length: > 0 } name
            ? name[..Math.Min(40, name.Length)]
            : "run";
}
