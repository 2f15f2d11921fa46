using KdNotebooks.Kernel.Engine;

namespace KdNotebooks.Extensions.Tests.Kernel.Engine;

public sealed class CellTextTests
{
    [Fact]
    public void Parts_after_double_semicolons_keep_their_lines() =>
        Assert.Equal(["let a = 1", "\nlet b = 2"], CellText.Parts("let a = 1;;\nlet b = 2;;\n"));

    [Fact]
    public void Semicolons_in_text_and_comments_cut_nothing() =>
        Assert.Single(CellText.Parts("let s = \";;\" // ;;\n(* ;;\n;; *)\nlet t = \"\"\"\n;;\n\"\"\""));

    [Fact]
    public void References_to_our_packages_become_blank_lines() =>
        Assert.Equal(["\nlet a = 1"], CellText.Parts("#r \"nuget: KdNotebooks.Interactive, 0.1.0\"\nlet a = 1"));

    [Theory]
    [InlineData("#r \"nuget: FSharp.Data\"")]
    [InlineData("let s = \"\"\"\n#r \"nuget: KdNotebooks.FSharp\"\n\"\"\"")]
    public void Other_lines_stay(string code) => Assert.Equal([code], CellText.Parts(code));
}
