using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Data;

public sealed class EpochOrderTests
{
    [Fact]
    public void An_order_visits_every_sample_once() =>
        Assert.Equal(Enumerable.Range(0, 1000), EpochOrder.Of(1000, 1, 1).Order());

    // From a second implementation, in Python; every stored result depends on it.
    [Fact]
    public void An_order_never_changes() =>
        Assert.Equal([1, 6, 9, 0, 4, 2, 5, 8, 7, 3], EpochOrder.Of(10, seed: 1, epoch: 1));

    [Fact]
    public void Seeds_and_epochs_have_orders_of_their_own()
    {
        var orders = new[] { (1, 1), (1, 2), (2, 1), (-1, 1) }
            .Select(k => string.Join(",", EpochOrder.Of(20, k.Item1, k.Item2)));
        Assert.Equal(4, orders.Distinct().Count());
    }

    [Fact]
    public void Epochs_are_counted_from_1() => Assert.Throws<KdException>(() => EpochOrder.Of(10, 1, 0));
}
