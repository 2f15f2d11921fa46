using KdNotebooks.Interactive.Formatting;

namespace KdNotebooks.Extensions.Tests.Interactive.Formatting;

public sealed class TextFormatterTests
{
    [Fact]
    public void A_sequence_shows_its_items() => Assert.Equal("[1, 2, null]", Text(new object?[] { 1, 2, null }));

    [Fact]
    public void A_long_list_says_how_many_were_left_out() =>
        Assert.EndsWith("20, ... (5 more)]", Text(Enumerable.Range(1, 25).ToList()));

    [Fact]
    public void An_endless_sequence_ends() => Assert.EndsWith(", ...]", Text(Endless()));

    [Fact]
    public void A_value_with_text_of_its_own_shows_that() => Assert.Equal("{ A = 1 }", Text(new { A = 1 }));

    private static string Text(object value) => TextFormatter.Format(value).Data["text/plain"];

    private static IEnumerable<int> Endless()
    {
        while (true)
        {
            yield return 1;
        }
    }
}
