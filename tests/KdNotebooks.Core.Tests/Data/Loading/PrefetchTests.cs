using KdNotebooks.Data;

namespace KdNotebooks.Tests.Data;

public sealed class PrefetchTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public void Items_come_in_order_however_far_ahead(int ahead) =>
        Assert.Equal(Enumerable.Range(0, 50), Prefetch.Enumerate(50, number => number, ahead, Cancel));

    [Fact]
    public void No_more_is_made_than_may_wait()
    {
        var made = 0;
        foreach (var number in Prefetch.Enumerate(50, n => { Interlocked.Increment(ref made); return n; }, 2, Cancel))
        {
            Thread.Sleep(1);
            // What was read, two that wait, and one in the making.
            Assert.InRange(Volatile.Read(ref made), number + 1, number + 4);
        }
    }

    [Fact]
    public void An_error_comes_out_in_its_place_with_its_message()
    {
        var seen = new List<int>();
        var error = Assert.Throws<InvalidDataException>(() =>
        {
            static int Make(int n) => n < 4 ? n : throw new InvalidDataException("the fifth is bad");
            foreach (var number in Prefetch.Enumerate(9, Make, 2, Cancel))
            {
                seen.Add(number);
            }
        });
        Assert.Equal("the fifth is bad", error.Message);
        Assert.Equal([0, 1, 2, 3], seen);
    }

    [Fact]
    public void Leaving_early_ends_the_task_behind()
    {
        var made = 0;
        foreach (var number in Prefetch.Enumerate(int.MaxValue, _ => Interlocked.Increment(ref made), 2, Cancel))
        {
            if (number == 5)
            {
                break;
            }
        }

        var atTheEnd = Volatile.Read(ref made);
        Thread.Sleep(20);
        Assert.Equal(atTheEnd, Volatile.Read(ref made));
    }

    [Fact]
    public void A_cancellation_ends_the_enumeration()
    {
        using var stop = new CancellationTokenSource();
        var seen = 0;
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (var number in Prefetch.Enumerate(int.MaxValue, n => n, 2, stop.Token))
            {
                seen = number;
                if (number == 3)
                {
                    stop.Cancel();
                }
            }
        });
        Assert.Equal(3, seen);
    }
}
