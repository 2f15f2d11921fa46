using KdNotebooks.Distillation;
using KdNotebooks.Losses;

namespace KdNotebooks.Tests.Distillation;

public sealed class FusedConnectionTests
{
    private static readonly FusedConnection Review =
        new([new("layer1", "layer1"), new("layer2", "layer2")], new L2Loss(), 5);

    [Fact]
    public void Its_name_says_which_stages_and_by_what() => Assert.Equal(
        ("layer1+layer2 review l2", "layer1+layer2 to layer2+layer3 review hcl"),
        (Review.Name,
            new FusedConnection(
                [new("layer1", "layer2"), new("layer2", "layer3")], new HclLoss(), 5).Name));

    [Fact]
    public void The_same_content_is_equal_whatever_holds_it()
    {
        var again = Review with { Stages = [.. Review.Stages.ToList()] };
        Assert.Equal(Review, again);
        Assert.Equal(Review.GetHashCode(), again.GetHashCode());
        Assert.All(
            [
                Review with { Alpha = 4 }, Review with { Mid = 3 }, Review with { WarmUp = 1 },
                Review with { Loss = new HclLoss() }, Review with { Stages = [.. Review.Stages.Reverse()] },
            ],
            other => Assert.NotEqual(Review, other));
    }
}
