using KdNotebooks.Kernel.Jupyter.Cells;

namespace KdNotebooks.Extensions.Tests.Kernel.Jupyter.Cells;

public sealed class StreamBufferTests
{
    private readonly List<(string Name, string Text)> passed = [];

    private StreamBuffer Buffer() => new((name, text) => passed.Add((name, text)));

    [Fact]
    public void Ten_thousand_lines_come_in_few_messages_and_lose_none()
    {
        using (var buffer = Buffer())
        {
            for (var i = 0; i < 10_000; i++)
            {
                buffer.Add("stdout", $"line {i}\n");
            }
        }

        Assert.Equal(
            string.Concat(Enumerable.Range(0, 10_000).Select(i => $"line {i}\n")),
            string.Concat(passed.Select(message => message.Text)));
        Assert.InRange(passed.Count, 1, 100);
    }

    [Fact]
    public void The_two_streams_keep_their_order()
    {
        using (var buffer = Buffer())
        {
            buffer.Add("stdout", "1");
            buffer.Add("stderr", "2");
            buffer.Add("stdout", "3");
        }

        Assert.Equal([("stdout", "1"), ("stderr", "2"), ("stdout", "3")], passed);
    }

    [Fact]
    public async Task Text_goes_on_by_itself_after_a_moment()
    {
        using var came = new SemaphoreSlim(0);
        using var buffer = new StreamBuffer((_, _) => came.Release());
        buffer.Add("stdout", "step 1");
        Assert.True(await came.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }
}
