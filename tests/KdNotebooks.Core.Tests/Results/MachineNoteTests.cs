using KdNotebooks.Results;

namespace KdNotebooks.Tests.Results;

public sealed class MachineNoteTests
{
    private const string Two = "2 threads of P (avx2)", One = "1 thread of P (avx2)", Other = "2 threads of Q (avx2)";

    [Fact]
    public void Rows_that_were_made_alike_or_do_not_say_how_have_no_note()
    {
        Assert.Equal("", Table(("none", 1, Two), ("a", 1, Two)).MachineNote);
        Assert.Equal("", Table(("none", 1, null), ("a", 1, null)).MachineNote);
        Assert.DoesNotContain("machine", $"{Table(("none", 1, Two), ("a", 1, Two))}");
    }

    [Fact]
    public void The_rows_of_other_threads_and_processors_are_named()
    {
        var table = Table(
            ("none", 1, Two), ("none", 2, Two), ("none", 3, Two), ("a", 1, Two), ("a", 2, Two), ("a", 3, One),
            ("b", 1, Other), ("b", 2, Other));

        Assert.StartsWith(
            $"Not made on one machine with one number of threads: a (seed 3) with {One}; b (seeds 1, 2) with {Other}; "
            + $"none (seeds 1, 2, 3), a (seeds 1, 2) with {Two}. ",
            table.MachineNote);
        Assert.Contains(table.MachineNote, $"{table}");
        Assert.Equal(table.MachineNote, table.On("test").MachineNote);
    }

    [Fact]
    public void A_row_of_before_is_named_beside_one_that_says_how() => Assert.Contains(
        "a (seed 1) with an unknown one", Table(("none", 1, Two), ("none", 2, Two), ("a", 1, null)).MachineNote);

    [Fact]
    public void A_conclusion_carries_what_concerns_its_two_methods()
    {
        var table = Table(
            ("none", 1, Two), ("none", 2, Two), ("a", 1, Two), ("a", 2, One), ("b", 1, Two), ("b", 2, Two));

        Assert.Contains($"a (seed 2) with {One}", Conclusion.Of(table, "a"));
        Assert.DoesNotContain("thread", Conclusion.Of(table, "b"));
    }

    [Fact]
    public void Rows_keep_it_in_their_file_and_a_file_without_it_is_read()
    {
        using var folder = new TemporaryFolder();
        var (path, rows) = (folder.File("results.json"), Table(("none", 4, Two), ("a", 4, null)).Rows);

        ResultsFile.Write(path, rows);

        Assert.Equal(rows, ResultsFile.Read(path));
        Assert.Single(File.ReadAllText(path).Split('\n'), line => line.Contains($"\"machine\": \"{Two}\""));
        Assert.Equal([Two, "unknown"], Table(("none", 4, Two), ("a", 4, null)).ToDataFrame()["machine"].Cast<string>());
    }

    private static ResultTable Table(params (string Method, int Seed, string? Machine)[] runs) => new(
        runs.Select((run, i) => new ResultRow(run.Method, run.Seed, "accuracy", 50 + (i * i), "test")
        {
            Machine = run.Machine,
        }), "none");
}
