using KdNotebooks.Losses;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Losses;

public sealed class ShapeTests
{
    [Theory]
    [InlineData(new long[] { 2, 3 }, new long[] { 2, 4 }, "N, K")]
    [InlineData(new long[] { 2, 3 }, new long[] { 3, 3 }, "N, K")]
    [InlineData(new long[] { 2, 3 }, new long[] { 2, 3, 1 }, "N, K")]
    [InlineData(new long[] { 2, 3 }, new long[] { 2, 3 }, "N, C, H, W")] // equal, but of the wrong rank
    [InlineData(new long[] { 2, 3, 4, 4 }, new long[] { 2, 3, 4, 1 }, "N, C, H, W")] // would broadcast
    [InlineData(new long[] { }, new long[] { }, "N, K")]
    public void Other_shapes_are_refused_with_both_and_the_axes(long[] student, long[] teacher, string axes)
    {
        using var scope = torch.NewDisposeScope();
        var error = Assert.Throws<KdException>(
            () => Shape.RequireSame("Mine", torch.zeros(student), torch.zeros(teacher), axes));
        Assert.StartsWith(
            $"Mine: student [{string.Join(", ", student)}] and teacher [{string.Join(", ", teacher)}]", error.Message);
        Assert.Contains($"[{axes}]", error.Message);
    }

    [Fact]
    public void Equal_shapes_of_the_right_rank_pass()
    {
        using var scope = torch.NewDisposeScope();
        Shape.RequireSame("Mine", torch.zeros(2, 3), torch.zeros(2, 3), "N, K");
        Shape.RequireSame("Mine", torch.zeros(2, 3, 4, 5), torch.zeros(2, 3, 4, 5), "N, C, H, W");
    }
}
