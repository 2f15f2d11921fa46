namespace KdNotebooks.Tests;

/// <summary>A folder of the core holds one idea, and no two folders need each other.</summary>
public sealed class FolderTests
{
    [Fact]
    public void No_folder_of_the_core_leads_back_to_itself()
    {
        var cycles = new FolderGraph(Sources.Below("core/KdNotebooks.Core", ".cs")).Cycles();
        Assert.True(cycles.Count == 0, "Folders that need each other:\n" + string.Join('\n', cycles));
    }

    [Fact]
    public void The_core_is_read()
    {
        var arrows = new FolderGraph(Sources.Below("core/KdNotebooks.Core", ".cs")).Arrows.ToList();
        Assert.Contains(("Losses", "Invariants"), arrows);
        Assert.Contains(("Recipes", "Models"), arrows);
    }

    [Fact]
    public void A_cycle_is_named_with_its_files() => Assert.Equal(
        ["Losses -> Runs (Losses/A.cs) -> Models (Runs/B.cs) -> Losses (Models/C.cs)"],
        Cycles(
            ("Losses/A.cs", "using KdNotebooks.Runs;\nnamespace KdNotebooks.Losses;"),
            ("Runs/B.cs", "using static KdNotebooks.Models.Thing;\nnamespace KdNotebooks.Runs;"),
            ("Models/C.cs", "namespace KdNotebooks.Models;\nclass Thing { KdNotebooks.Losses.L2Loss loss; }"),
            ("Runtime/D.cs", "namespace KdNotebooks.Runtime;")));

    [Fact]
    public void Names_that_are_qualified_from_within_count() => Assert.Single(Cycles(
        ("Losses/A.cs", "namespace KdNotebooks.Losses;\nclass A(Runs.B b);"),
        ("Runs/B.cs", "using Short = KdNotebooks.Losses.A;\nnamespace KdNotebooks.Runs;\nclass B;")));

    [Fact]
    public void A_property_that_is_called_as_a_folder_does_not_count() => Assert.Empty(Cycles(
        ("Losses/A.cs", "namespace KdNotebooks.Losses;\nclass A { int First => Runs.First(); }"),
        ("Runs/B.cs", "using KdNotebooks.Losses;\nnamespace KdNotebooks.Runs;\nclass B;")));

    [Fact]
    public void Comments_strings_and_what_is_in_other_houses_do_not_count() => Assert.Empty(Cycles(
        ("Losses/A.cs", "using System.Runs;\n// KdNotebooks.Runs.B\nnamespace KdNotebooks.Losses;\n"
            + "/* KdNotebooks.Runs.B */ class A { string text = \"KdNotebooks.Runs.B\"; }"),
        ("Runs/B.cs", "using KdNotebooks.Losses;\nnamespace KdNotebooks.Runs;\nclass B;")));

    [Fact]
    public void Folders_below_are_one_with_theirs() => Assert.Empty(Cycles(
        ("Data/A.cs", "using KdNotebooks.Data.Formats;\nnamespace KdNotebooks.Data;"),
        ("Data/Formats/B.cs", "using KdNotebooks.Data;\nnamespace KdNotebooks.Data.Formats;")));

    [Theory]
    [InlineData("KdNotebooks.Tasks.Ranking")]
    [InlineData("KdNotebooks.Tasks")]
    public void But_a_task_stands_beside_Tasks_whatever_its_namespace(string space) => Assert.Equal(
        ["Tasks -> Tasks/Ranking (Tasks/Known.cs) -> Tasks (Tasks/Ranking/Ranker.cs)"],
        Cycles(
            ("Tasks/ITask.cs", "namespace KdNotebooks.Tasks;\ninterface ITask;"),
            ("Tasks/Known.cs", $"using {space};\nnamespace KdNotebooks.Tasks;\nclass Known(Ranker ranker);"),
            ("Tasks/Ranking/Ranker.cs", $"using KdNotebooks.Tasks;\nnamespace {space};\nclass Ranker : ITask;")));

    private static IReadOnlyList<string> Cycles(params (string, string)[] files) => new FolderGraph(files).Cycles();
}
