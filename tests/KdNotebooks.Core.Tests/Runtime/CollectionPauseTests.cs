using System.Runtime;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Runtime;

// The pause is the process's: no other test that trains may run beside these.
[Collection(CollectionPauseTests.Alone)]
public sealed class CollectionPauseTests
{
    public const string Alone = "Alone in the process";

    [Fact]
    public void Nothing_is_collected_between_renewals_whoever_allocates()
    {
        using var pause = new CollectionPause();
        pause.Renew();
        var collections = GC.CollectionCount(0);

        var other = new Thread(() => Allocate(megabytes: 40));
        other.Start();
        other.Join();

        Assert.Equal(GCLatencyMode.NoGCRegion, GCSettings.LatencyMode);
        Assert.Equal(collections, GC.CollectionCount(0));
    }

    [Fact]
    public void It_is_renewed_when_much_was_allocated_and_not_before()
    {
        using var pause = new CollectionPause();
        pause.Renew();
        var collections = GC.CollectionCount(2);
        pause.Renew();
        Assert.Equal(collections, GC.CollectionCount(2));

        Allocate(megabytes: 100);
        pause.Renew();

        Assert.Equal(collections + 1, GC.CollectionCount(2));
        Assert.Equal(GCLatencyMode.NoGCRegion, GCSettings.LatencyMode);
    }

    [Fact]
    public void What_is_more_than_was_set_aside_ends_it_without_an_error()
    {
        using var pause = new CollectionPause();
        pause.Renew();
        Allocate(megabytes: 400);
        pause.Renew();
        Assert.Equal(GCLatencyMode.NoGCRegion, GCSettings.LatencyMode);
    }

    [Fact]
    public void A_second_one_leaves_the_first_alone_and_disposal_ends_it()
    {
        using (var first = new CollectionPause())
        {
            first.Renew();
            using (var second = new CollectionPause())
            {
                second.Renew();
            }

            Assert.Equal(GCLatencyMode.NoGCRegion, GCSettings.LatencyMode);
        }

        Assert.NotEqual(GCLatencyMode.NoGCRegion, GCSettings.LatencyMode);
    }

    private static void Allocate(int megabytes)
    {
        for (var i = 0; i < megabytes * 64; i++)
        {
            GC.KeepAlive(new byte[16 << 10]);
        }
    }
}

[CollectionDefinition(CollectionPauseTests.Alone, DisableParallelization = true)]
public sealed class AloneInTheProcess;
