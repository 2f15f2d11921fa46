using KdNotebooks.Analysis;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Analysis;

[Collection(TorchState.Name)]
public sealed class ChannelMatchTests(TrainedRuns runs) : IClassFixture<TrainedRuns>
{
    [Fact]
    public void Every_channel_is_compared_with_every_channel_of_the_teacher()
    {
        var match = Assert.Single(runs.Open("mlp-1").Correlation(images: 20));

        Assert.Equal((32, 96), (match.Before.GetLength(0), match.Before.GetLength(1)));
        Assert.Equal((96, 96), (match.After.GetLength(0), match.After.GetLength(1)));
        Assert.All(match.After.Cast<double>().Where(double.IsFinite), value => Assert.InRange(value, -1.001, 1.001));
        Assert.Equal(20, match.Images);
    }

    [Fact]
    public void The_best_of_each_teacher_channel_is_averaged_whatever_its_sign()
    {
        var match = new ChannelMatch("run", "at", new[,] { { 0.5, double.NaN, 0.1 }, { -0.9, double.NaN, 0.3 } },
            new[,] { { 1.0, 0 }, { 0, -0.5 } }, 1);

        Assert.Equal(0.6, match.BestBefore, 12); // the second channel is constant
        Assert.Equal(0.75, match.BestAfter, 12);
        Assert.Equal(0.25, match.OwnAfter, 12);
    }

    [Fact]
    public void Fewer_than_two_images_are_refused() =>
        Assert.Throws<KdException>(() => runs.Open("mlp-1").Correlation(images: 1));
}
