using KdNotebooks.Interactive;

namespace KdNotebooks.Extensions.Tests.Interactive;

public sealed class DurationTests
{
    [Theory]
    [InlineData(4.24, "4.2 s")]
    [InlineData(59.96, "1 min 00 s")]
    [InlineData(187, "3 min 07 s")]
    [InlineData(7500, "2 h 05 min")]
    public void Times_are_told_in_the_units_that_matter(double seconds, string expected) =>
        Assert.Equal(expected, Duration.Text(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Time_left_follows_the_pace_so_far()
    {
        Assert.Equal(TimeSpan.FromSeconds(30), Duration.Left(TimeSpan.FromSeconds(10), 25, 100));
        Assert.Null(Duration.Left(TimeSpan.FromSeconds(10), 0, 100));
        Assert.Null(Duration.Left(TimeSpan.FromSeconds(10), 5, 0));
    }
}
