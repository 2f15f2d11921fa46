using KdNotebooks.Kernel.Engine;

namespace KdNotebooks.Extensions.Tests.Kernel.Engine;

public sealed class CellTextTests
{
    private static IEnumerable<string> Parts(string code) => CellText.Parts(code).Select(part => part.Text);

    [Fact]
    public void A_magic_line_is_a_part_of_its_own_and_the_code_around_it_keeps_its_lines() => Assert.Equal(
        [new("let a = 1\n", false), new("#!kd-taps --as t", true), new("\n\nlet b = 2", false)],
        CellText.Parts("let a = 1\n#!kd-taps --as t\nlet b = 2"));

    [Theory]
    [InlineData("let s = \"\"\"\n#!kd-info\n\"\"\"")]
    [InlineData("(*\n#!kd-info\n*)\nlet a = 1")]
    public void A_magic_line_within_a_string_or_a_comment_is_text(string code) =>
        Assert.Equal([new(code, false)], CellText.Parts(code));

    [Fact]
    public void Parts_after_double_semicolons_keep_their_lines() =>
        Assert.Equal(["let a = 1", "\nlet b = 2"], Parts("let a = 1;;\nlet b = 2;;\n"));

    [Fact]
    public void Semicolons_in_text_and_comments_cut_nothing() =>
        Assert.Single(CellText.Parts("let s = \";;\" // ;;\n(* ;;\n;; *)\nlet t = \"\"\"\n;;\n\"\"\""));

    [Theory]
    [InlineData("#r \"nuget: KdNotebooks.Interactive, 0.1.0\"")]
    [InlineData("#r \"nuget:KdNotebooks.Interactive\"")]
    [InlineData("  #r   \"nuget:KdNotebooks.FSharp,0.1.0\" // ours")]
    public void References_to_our_packages_become_blank_lines(string line) =>
        Assert.Equal(["\nlet a = 1"], Parts($"{line}\nlet a = 1"));

    [Theory]
    [InlineData("#r \"nuget: FSharp.Data\"")]
    [InlineData("let s = \"\"\"\n#r \"nuget: KdNotebooks.FSharp\"\n\"\"\"")]
    public void Other_lines_stay(string code) => Assert.Equal([code], Parts(code));
}
