using KdNotebooks.Cli;

namespace KdNotebooks.Extensions.Tests.Cli;

public sealed class ConsoleProgressTests : IDisposable
{
    private readonly StringWriter output = new();

    public void Dispose() => output.Dispose();

    [Fact]
    public void Without_a_terminal_a_bar_is_a_line_at_each_quarter()
    {
        using (var bar = new ConsoleProgress(output).Start("Train", 1000, "steps"))
        {
            for (var step = 1; step <= 1000; step++)
            {
                bar.Report(step, $"loss {step}");
            }
        }

        var lines = output.ToString().TrimEnd().Split('\n');
        Assert.Equal(5, lines.Length);
        Assert.Equal("Train: 0 of 1000 steps", lines[0]);
        Assert.Matches(@"^Train: 25 % \(250 of 1000 steps\), [\d.]+ s, [\d.]+ s left, loss 250$", lines[1]);
        Assert.Matches(@"^Train: 100 % \(1000 of 1000 steps\), [\d.]+ s, loss 1000$", lines[4]);
    }

    [Fact]
    public void A_bar_of_unknown_length_tells_its_count_at_the_end()
    {
        using (var bar = new ConsoleProgress(output).Start("Fetch", 0, "bytes"))
        {
            bar.Report(300);
        }

        Assert.Matches(@"^Fetch: started\nFetch: 300 bytes, [\d.]+ s\n$", output.ToString());
    }

    [Fact]
    public void A_line_that_was_begun_is_ended_before_a_bar()
    {
        var console = new ConsoleProgress(output);
        console.Text("begun");
        console.Start("Train", 10, "steps").Dispose();
        Assert.StartsWith("begun\nTrain: 0 of 10 steps\n", output.ToString());
    }
}
