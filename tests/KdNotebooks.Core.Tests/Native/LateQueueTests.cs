using KdNotebooks.Native;

namespace KdNotebooks.Tests.Native;

public sealed class LateQueueTests
{
    private readonly Clock clock = new();
    private readonly List<nint> freed = [];
    private readonly LateQueue queue;

    public LateQueueTests() => queue = new LateQueue(freed.Add, atLeast: 3, TimeSpan.FromSeconds(1), clock);

    [Fact]
    public void Time_alone_frees_nothing()
    {
        Add(1);
        clock.Pass(seconds: 100);
        Add(2);
        Assert.Empty(freed);
    }

    [Fact]
    public void Number_alone_frees_nothing()
    {
        Add([.. Enumerable.Range(1, 100)]);
        Assert.Empty(freed);
    }

    [Fact]
    public void Both_together_free_what_is_older_than_both()
    {
        Add(1, 2);
        clock.Pass(seconds: 1);
        Add(3); // the first three are old now
        Add(4, 5, 6);
        Assert.Empty(freed);

        clock.Pass(seconds: 1);
        Add(7);

        Assert.Equal([1, 2, 3], freed);
        clock.Pass(seconds: 1);
        Add(8, 9, 10);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], freed);
    }

    private void Add(params int[] items) => Array.ForEach(items, item => queue.Add(item));

    private sealed class Clock : TimeProvider
    {
        private long now;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => now;

        public void Pass(int seconds) => now += seconds;
    }
}
