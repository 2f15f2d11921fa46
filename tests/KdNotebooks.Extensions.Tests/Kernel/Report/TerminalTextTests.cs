using KdNotebooks.Kernel.Report;

namespace KdNotebooks.Extensions.Tests.Kernel.Report;

public sealed class TerminalTextTests
{
    [Theory]
    [InlineData("\u001b[1;31mred\u001b[0m", "red")]
    [InlineData("\u001b]8;;https://example.org\u0007link\u001b]8;;\u0007", "link")]
    [InlineData("10 %\r50 %\r100 %\ndone", "100 %\ndone")]
    [InlineData("a\r\nb\r\n", "a\nb\n")]
    public void What_a_terminal_would_show_in_the_end(string text, string plain) =>
        Assert.Equal(plain, TerminalText.Plain(text));
}
