using KdNotebooks.Metrics;
using KdNotebooks.Runtime;
using MathNet.Numerics.Statistics;

namespace KdNotebooks.Tests.Metrics;

public sealed class ChannelCorrelationTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Each_pair_of_channels_has_the_correlation_that_MathNet_gives()
    {
        var (one, other) = (Wave.Of([40, 3]), Wave.Of([40, 2], step: 0.83));

        var found = ChannelCorrelation.Of(one, other);

        Assert.Equal((3, 2), (found.GetLength(0), found.GetLength(1)));
        for (var i = 0; i < 6; i++)
        {
            var (row, column) = (i / 2, i % 2);
            Assert.Equal(
                Correlation.Pearson(Column(one, row), Column(other, column)), found[row, column], 10);
        }
    }

    [Fact]
    public void A_positive_affine_map_does_not_matter_and_a_negative_one_turns_the_sign()
    {
        var x = Wave.Of([40, 1]);

        Assert.Equal(1, ChannelCorrelation.Of(x, (x * 5) + 2)[0, 0], 12);
        Assert.Equal(-1, ChannelCorrelation.Of(x, x * -5)[0, 0], 12);
    }

    [Fact]
    public void A_channel_that_is_the_same_everywhere_goes_with_nothing() =>
        Assert.True(double.IsNaN(ChannelCorrelation.Of(torch.full([40, 1], 0.1f), Wave.Single(40, 1))[0, 0]));

    [Fact]
    public void A_map_is_a_row_for_each_position()
    {
        var map = torch.arange(12).view(1, 3, 2, 2);

        Assert.Equal([0, 4, 8, 1, 5, 9], ChannelCorrelation.Rows(map).flatten()[..6].data<long>().ToArray());
    }

    [Fact]
    public void Other_positions_are_refused() =>
        Assert.Throws<KdException>(() => ChannelCorrelation.Of(Wave.Single(4, 3), Wave.Single(5, 3)));

    private static double[] Column(Tensor rows, int column) => rows[.., column].contiguous().data<double>().ToArray();
}
