using KdNotebooks.Kernel.Jupyter.History;

namespace KdNotebooks.Extensions.Tests.Kernel.Jupyter.History;

public sealed class InputHistoryTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private InputHistory Session(params string[] cells)
    {
        var history = new InputHistory(new HistoryFile(folder.At("history.jsonl")));
        for (var i = 0; i < cells.Length; i++)
        {
            history.Add(i + 1, cells[i], $"value of {cells[i]}");
        }

        return history;
    }

    private static IEnumerable<string> Inputs(IEnumerable<HistoryEntry> entries) =>
        entries.Select(entry => entry.Input);

    [Fact]
    public void The_tail_goes_back_into_earlier_sessions()
    {
        Session("a", "b");
        var second = Session("c");
        Assert.Equal(2, second.Session);
        Assert.Equal(
            [(1, 2, "b"), (2, 1, "c")], second.Tail(2).Select(entry => (entry.Session, entry.Line, entry.Input)));
    }

    [Fact]
    public void A_range_is_of_one_session_and_leaves_its_end_out()
    {
        Session("a", "b", "c");
        var second = Session("d");
        Assert.Equal(["b"], Inputs(second.Range(1, 2, 3)));
        Assert.Equal(["a", "b", "c"], Inputs(second.Range(-1, 0, null)));
        Assert.Equal(["d"], Inputs(second.Range(0, 1, null)));
    }

    [Fact]
    public void A_search_takes_wildcards_and_can_leave_repetitions_out()
    {
        var history = Session("let a = 1", "let b = 2", "a + b", "let a = 1");
        Assert.Equal(["let a = 1", "let b = 2", "let a = 1"], Inputs(history.Search("let*", null, unique: false)));
        Assert.Equal(["let b = 2", "let a = 1"], Inputs(history.Search("let*", null, unique: true)));
        Assert.Equal(["let a = 1"], Inputs(history.Search("let ? = *", 1, unique: false)));
    }

    [Fact]
    public void Lines_that_are_not_ours_are_left_out()
    {
        Session("a");
        File.AppendAllText(folder.At("history.jsonl"), "not json\n{}\n");
        Assert.Equal(["a"], Inputs(Session().Tail(5)));
    }

    [Fact]
    public void The_file_is_the_users_alone_and_does_not_grow_without_end()
    {
        var path = folder.At("history.jsonl");
        Session([.. Enumerable.Range(0, 2001).Select(i => $"cell {i}")]);
        Assert.Equal("cell 2000", Inputs(Session().Tail(1)).Single());
        Assert.Equal(1000, File.ReadLines(path).Count());
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }

    [Fact]
    public void Where_it_cannot_be_written_the_session_still_has_its_own()
    {
        var history = new InputHistory(new HistoryFile(folder.At("no", "such", "folder.jsonl")));
        history.Add(1, "a", null);
        Assert.Equal(["a"], Inputs(history.Tail(1)));
    }
}
