using KdNotebooks.Kernel.Engine;

namespace KdNotebooks.Extensions.Tests.Kernel.Engine;

[Collection(EngineCollection.Name)]
public sealed class CompletenessTests(EngineFixture fixture)
{
    private CellState Of(string code) => new Completeness(fixture.Engine).Of(code);

    [Theory]
    [InlineData("let x = 1")]
    [InlineData("let f x =\n    x + 1")]
    [InlineData("#!kd-info")]
    [InlineData("")]
    public void A_cell_that_can_run_is_complete(string code) => Assert.Equal(CellStatus.Complete, Of(code).Status);

    [Theory]
    [InlineData("let f x =", "    ")]
    [InlineData("for i in 1 .. 3 do", "    ")]
    [InlineData("let f x =\n    if x then", "        ")]
    [InlineData("async {\n    let! x = f ()", "    ")]
    [InlineData("let x =\n    let y = 3", "    ")]
    [InlineData("[ 1; 2", "")]
    [InlineData("1 +", "")]
    [InlineData("let s = \"abc", "")]
    [InlineData("(* a comment", "")]
    public void A_cell_that_goes_on_is_incomplete_with_an_indent(string code, string indent) =>
        Assert.Equal(new CellState(CellStatus.Incomplete, indent), Of(code));

    [Theory]
    [InlineData("let = 3")]
    [InlineData("let x = )")]
    [InlineData("}")]
    [InlineData("let x = 1 +\nlet y = 2")]
    public void A_cell_that_nothing_can_mend_is_invalid(string code) =>
        Assert.Equal(CellStatus.Invalid, Of(code).Status);
}
