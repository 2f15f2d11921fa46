using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Runtime;

public sealed class RandomStreamTests
{
    // Computed by a second implementation, in Python, whose mixer gives SplitMix64's published first number for seed 0
    // (0xE220A8397B1DCDAF). Every stored result depends on them.
    [Fact]
    public void The_numbers_of_a_key_never_change()
    {
        var stream = RandomStream.Of(1, 2, 3);
        ulong[] came = [stream.NextUInt64(), stream.NextUInt64(), stream.NextUInt64()];
        Assert.Equal([11914205731892296160, 14382129557958980829, 5714694110742045606], came);
    }

    [Fact]
    public void Bounded_numbers_flips_and_orders_never_change()
    {
        var stream = RandomStream.Of(7);
        int[] numbers = [stream.NextInt(10), stream.NextInt(1000), stream.NextInt(int.MaxValue)];
        bool[] flips = [stream.NextBool(), stream.NextBool(), stream.NextBool(), stream.NextBool()];
        int[] order = [0, 1, 2, 3, 4, 5, 6, 7];
        stream.Shuffle(order);
        Assert.Equal([4, 111, 1468790668], numbers);
        Assert.Equal([true, true, false, true], flips);
        Assert.Equal([1, 6, 3, 4, 2, 5, 7, 0], order);
    }

    [Fact]
    public void Number_and_order_of_the_keys_count()
    {
        ulong[] first =
        [
            RandomStream.Of().NextUInt64(), RandomStream.Of(0).NextUInt64(), RandomStream.Of(0, 0).NextUInt64(),
            RandomStream.Of(1, 2).NextUInt64(), RandomStream.Of(2, 1).NextUInt64(), RandomStream.Of(1, 2, 0).NextUInt64(),
        ];
        Assert.Equal(first.Length, first.Distinct().Count());
    }

    // 100,000 draws into 7 bins: chi-squared with 6 degrees of freedom is below 22.5 in 99.9 % of cases.
    [Fact]
    public void Every_number_is_equally_likely_over_neighbouring_keys()
    {
        var bins = new int[7];
        for (ulong key = 0; key < 100_000; key++)
        {
            bins[RandomStream.Of(1, key).NextInt(7)]++;
        }

        const double Expected = 100_000 / 7.0;
        Assert.InRange(bins.Sum(bin => (bin - Expected) * (bin - Expected) / Expected), 0, 22.5);
    }

    [Fact]
    public void Heads_come_half_the_time_over_neighbouring_keys()
    {
        var heads = Enumerable.Range(0, 100_000).Count(key => RandomStream.Of(3, (ulong)key).NextBool());
        Assert.InRange(heads, 49_400, 50_600);
    }

    [Fact]
    public void A_shuffle_keeps_every_item()
    {
        var items = Enumerable.Range(0, 1000).ToArray();
        RandomStream.Of(5).Shuffle(items);
        Assert.NotEqual(Enumerable.Range(0, 1000), items);
        Assert.Equal(Enumerable.Range(0, 1000), items.Order());
    }

    [Fact]
    public void A_bound_that_is_not_positive_is_refused()
    {
        var stream = RandomStream.Of(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.NextInt(0));
    }

    [Fact]
    public void Nothing_is_allocated_for_a_sample()
    {
        var sum = Draw(1000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        sum += Draw(1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.NotEqual(0, sum);
    }

    private static long Draw(int samples)
    {
        long sum = 0;
        for (var sample = 0; sample < samples; sample++)
        {
            var stream = RandomStream.Of(1, 2, (ulong)sample);
            sum += stream.NextInt(100) + (stream.NextBool() ? 1 : 0);
        }

        return sum;
    }
}
