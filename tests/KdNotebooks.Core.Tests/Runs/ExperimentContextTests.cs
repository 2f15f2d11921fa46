using System.Collections.Concurrent;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Runs;

[Collection(TorchState.Name)]
public sealed class ExperimentContextTests : IDisposable
{
    private readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_two_experiments_at_once_one_is_cancelled_and_the_other_ends(bool passed)
    {
        using var stop = new CancellationTokenSource();
        using var both = new Barrier(2);
        var (first, second) = (new Bars(both, stop.Cancel), new Bars(both, () => { }));

        var cut = InThread(new RunContext(first, root.File("one"), stop.Token), "cut", passed);
        var whole = InThread(
            new RunContext(second, root.File("other"), TestContext.Current.CancellationToken), "whole", passed);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cut);
        var run = Assert.Single((await whole).Runs);
        Assert.Equal(["cut seed 1"], first.Titles);
        Assert.Equal(["whole seed 1"], second.Titles);
        Assert.Equal(root.File("other/runs"), Path.GetDirectoryName(run.Folder));
        Assert.Equal(run.Folder, Assert.Single(Directory.GetDirectories(root.File("other/runs"))));
        Assert.EndsWith(".partial", Assert.Single(Directory.GetDirectories(root.File("one/runs"))));
    }

    // Passed, or as a host sets it.
    private static Task<ExperimentResult> InThread(RunContext context, string method, bool passed)
    {
        var done = new TaskCompletionSource<ExperimentResult>();
        new Thread(() =>
        {
            try
            {
                var recipe = Trials.Alone() with { Method = method };
                using var scope = passed ? null : RunContext.Use(context);
                done.SetResult(passed ? Experiment.Run([recipe], context) : Experiment.Run([recipe]));
            }
            catch (Exception error)
            {
                done.SetException(error);
            }
        }).Start();
        return done.Task;
    }

    /// <summary>At their first step both wait for each other.</summary>
    private sealed class Bars(Barrier both, Action met) : IProgressReporter, IProgressTask
    {
        private int steps;

        public ConcurrentQueue<string> Titles { get; } = [];

        public IProgressTask Start(string title, long total, string unit)
        {
            Titles.Enqueue(title);
            return this;
        }

        public void Report(long done, string? note = null)
        {
            if (Interlocked.Increment(ref steps) == 1)
            {
                Assert.True(both.SignalAndWait(TimeSpan.FromMinutes(1)));
                met();
            }
        }

        public void Dispose() { }
    }
}
