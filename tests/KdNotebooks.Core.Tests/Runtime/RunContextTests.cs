using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Runtime;

public sealed class RunContextTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static RunContext In(string output) => RunContext.Default with { Output = output };

    private static string Now => RunContext.Current.Output;

    [Fact]
    public void Where_none_was_set_it_is_silent_and_never_cancelled()
    {
        Assert.Same(RunContext.Default, RunContext.Current);
        Assert.Same(ProgressReporter.Silent, RunContext.Current.Progress);
        Assert.False(RunContext.Current.Cancellation.CanBeCanceled);
        Assert.EndsWith("artifacts", Now);
    }

    [Fact]
    public void The_innermost_counts_and_gives_the_outer_one_back()
    {
        using (RunContext.Use(In("outer")))
        {
            using (RunContext.Use(In("inner")))
            {
                Assert.Equal("inner", Now);
            }

            Assert.Equal("outer", Now);
        }

        Assert.Same(RunContext.Default, RunContext.Current);
    }

    [Fact]
    public async Task What_a_flow_starts_inherits_it()
    {
        using var scope = RunContext.Use(In("mine"));
        string[] seen = ["", ""];
        var thread = new Thread(() => seen[0] = Now);
        thread.Start();
        thread.Join();
        Parallel.For(0, 50, i => Assert.Equal("mine", Now));
        seen[1] = await Task.Run(async () =>
        {
            await Task.Delay(1, Cancel);
            return Now;
        }, Cancel);
        Assert.Equal(["mine", "mine"], seen);
    }

    [Fact]
    public async Task Two_flows_do_not_see_each_other()
    {
        using var both = new Barrier(2);
        async Task<string> Flow(string name)
        {
            using var scope = RunContext.Use(In(name));
            both.SignalAndWait(Cancel);
            await Task.Yield();
            return Now;
        }

        Assert.Equal(["one", "other"], await Task.WhenAll(
            Task.Run(() => Flow("one"), Cancel), Task.Run(() => Flow("other"), Cancel)));
        Assert.Same(RunContext.Default, RunContext.Current);
    }

    [Fact]
    public void A_host_s_own_record_stays_what_it_is()
    {
        using var scope = RunContext.Use(new Hosted("host", "before") with { Output = "after" });
        using var inner = RunContext.Use(RunContext.Current with { Cancellation = Cancel });
        var hosted = Assert.IsType<Hosted>(RunContext.Current);
        Assert.Equal(("host", "after", Path.Combine("after", "runs")), (hosted.Host, hosted.Output, hosted.Runs));
    }

    private sealed record Hosted(string Host, string Output) : RunContext(ProgressReporter.Silent, Output, default);
}
