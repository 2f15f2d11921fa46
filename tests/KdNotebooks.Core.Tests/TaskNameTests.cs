using System.Text.RegularExpressions;

namespace KdNotebooks.Tests;

/// <summary>
/// What knows of labels stands in Tasks/Name, and what serves every task names none: a further task is a folder and a
/// line of the catalogue.
/// </summary>
public sealed partial class TaskNameTests
{
    private const string Core = "core/KdNotebooks.Core";

    // Each folder below Tasks, with the names of its types.
    private static readonly ILookup<string, string> Names = Sources.Below($"{Core}/Tasks", ".cs")
        .Where(file => file.Path.Contains('/'))
        .SelectMany(file => Sources.Types(Sources.Code(file.Text)).Select(type => (file.Path.Split('/')[0], type)))
        .Distinct().ToLookup(entry => entry.Item1, entry => entry.type);

    [Fact]
    public void Each_task_has_a_folder_with_its_types() => Assert.Superset(
        new HashSet<string> { "Classification", "Segmentation" }, Names.Select(task => task.Key).ToHashSet());

    // A word for a task is in a folder Tasks too.
    [Theory]
    [InlineData($"{Core}/Distillation", ".cs")]
    [InlineData($"{Core}/Training", ".cs")]
    [InlineData($"{Core}/Runs", ".cs")]
    [InlineData($"{Core}/Results", ".cs")]
    [InlineData($"{Core}/Analysis", ".cs")]
    [InlineData("extensions/KdNotebooks.Interactive/Formatting", ".cs")]
    [InlineData("extensions/KdNotebooks.Interactive/Magics", ".cs")]
    [InlineData("extensions/KdNotebooks.FSharp", ".fs")]
    public void What_serves_every_task_names_none(string folder, string extension)
    {
        var forbidden = Names.SelectMany(task => task).ToHashSet();
        var found = Sources.Below(folder, extension)
            .Where(file => !file.Path.StartsWith("Tasks/", StringComparison.Ordinal))
            .Select(file => (file.Path, Named: Named(file.Text, forbidden)))
            .Where(file => file.Named.Count > 0)
            .Select(file => $"{folder}/{file.Path}: {string.Join(", ", file.Named)}").ToList();

        Assert.True(found.Count == 0, "Names of one task, where every task is served:\n" + string.Join('\n', found));
    }

    private static List<string> Named(string text, HashSet<string> forbidden) =>
        [.. Word().Matches(Sources.Code(text)).Select(word => word.Value).Where(forbidden.Contains).Distinct()];

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();
}
