using KdNotebooks.Extensions.Tests.Interactive.Magics;
using KdNotebooks.Interactive;
using KdNotebooks.Interactive.Hosting;
using KdNotebooks.Interactive.Magics;
using KdNotebooks.Invariants;
using KdNotebooks.Losses;
using KdNotebooks.Results;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;

namespace KdNotebooks.Extensions.Tests.Interactive.Hosting;

public sealed class HostedMagicsTests : IDisposable
{
    private readonly Shown shown = new();

    public void Dispose() => shown.Dispose();

    private void Run(string command, string cell, object? submission = null) =>
        HostedMagics.Run(command, cell, submission ?? new object(), shown);

    [Fact]
    public void A_value_by_name_is_the_object_itself()
    {
        shown["mine"] = new L2Loss();
        Run("#!kd-check", "let a = 1\n#!kd-check @mine --cases 2 --as report");
        Assert.Equal(2, Assert.IsType<InvariantReport>(shown["report"]).Cases);
    }

    [Fact]
    public void Each_of_several_lines_of_one_command_is_run_once_in_their_order()
    {
        var submission = new object();
        const string cell = "#!kd-check kd --cases 2 --as a\n#!kd-checks\n#!kd-check kd --cases 3 --as b";
        Run("#!kd-check", cell, submission);
        Run("#!kd-check", cell, submission);
        Assert.Equal(2, Assert.IsType<InvariantReport>(shown["a"]).Cases);
        Assert.Equal(3, Assert.IsType<InvariantReport>(shown["b"]).Cases);
        Assert.Contains("was not found", Assert.Throws<KdException>(() => Run("#!kd-check", cell, submission)).Message);
    }

    [Fact]
    public void Progress_is_live_in_the_cell_that_was_entered()
    {
        using var cell = HostedMagics.Enter(shown, CancellationToken.None);
        shown["recipe"] = Shown.Recipe;
        Run("#!kd-distill", "#!kd-distill --as run1");
        Assert.IsType<ExperimentResult>(shown["run1"]);
        Assert.Contains("128/128 images", shown.Text);
    }

    [Fact]
    public async Task Two_cells_at_once_show_and_stop_each_for_itself()
    {
        using var stop = new CancellationTokenSource();
        using var both = new Barrier(2);
        using var other = new Shown();
        async Task<bool> Cell(Shown place, string text, CancellationToken token)
        {
            using var cell = HostedMagics.Enter(place, token);
            both.SignalAndWait(TestContext.Current.CancellationToken);
            await stop.CancelAsync();
            Display.Show(text);
            RunContext.Current.Progress.Start(text + " bar", 1, "images").Dispose();
            return RunContext.Current.Cancellation.IsCancellationRequested;
        }

        var stopped = await Task.WhenAll(
            Task.Run(() => Cell(shown, "this", stop.Token), TestContext.Current.CancellationToken),
            Task.Run(() => Cell(other, "that", CancellationToken.None), TestContext.Current.CancellationToken));
        Assert.Equal([true, false], stopped);
        Assert.Matches("^this\nthis bar.*$", shown.Text);
        Assert.Matches("^that\nthat bar.*$", other.Text);
    }

    [Theory]
    [InlineData("#!kd-data --split", "--split has no value")]
    [InlineData("#!kd-data --spilt test", "did you mean '--split'?")]
    [InlineData("#!kd-info now", "'now' is no option")]
    public void What_a_host_s_parser_let_through_is_refused(string line, string expected) => Assert.Contains(
        expected, Assert.Throws<KdException>(() => Run(line.Split(' ')[0], line)).Message);

    [Fact]
    public void Help_is_shown_for_one_command()
    {
        Run("#!kd-ablate", "#!kd-ablate -h");
        Assert.Contains("#!kd-ablate [--recipe @RECIPE]", shown.Text);
    }

    [Theory]
    [InlineData("#!kd-x --out \"a b\" c", "#!kd-x,--out,a b,c")]
    [InlineData("  #!kd-x\t\"\"  d\"e f\"g ", "#!kd-x,,de fg")]
    public void Words_are_parted_as_the_command_line_parts_them(string line, string words)
    {
        Assert.Equal(words.Split(','), HostedLine.Words(line));
        Assert.Equal(words.Split(','), MagicParser.Words(line));
    }

    [Fact]
    public void Every_shown_type_has_every_form()
    {
        Assert.Contains(typeof(ResultTable), HostedMagics.FormattedTypes);
        object[] values = [Samples.Table(), Shown.Recipe, new KdException("x < y")];
        Assert.All(values, value => Assert.All(
            HostedMagics.Forms, form => Assert.NotEqual("", HostedMagics.Format(value).Data[form])));
        Assert.Contains("x &lt; y", HostedMagics.Format(new KdException("x < y")).Data[MimeBundle.Html]);
    }

    [Fact]
    public void The_host_keeps_its_own_time_and_lsmagic() =>
        Assert.All(HostedMagics.Commands, command => Assert.StartsWith("kd-", command.Name));
}
