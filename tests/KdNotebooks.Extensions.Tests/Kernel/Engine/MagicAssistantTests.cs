using KdNotebooks.Interactive;
using KdNotebooks.Kernel.Engine;

namespace KdNotebooks.Extensions.Tests.Kernel.Engine;

[Collection(EngineCollection.Name)]
public sealed class MagicAssistantTests(EngineFixture fixture)
{
    private MagicAssistant Assistant => new(fixture.Engine);

    [Fact]
    public void Options_are_completed_where_the_line_stands_in_the_cell()
    {
        const string code = "let x = 1\n#!kd-ablate --ali";
        var found = Assistant.Complete(code, code.Length)!;
        Assert.Equal((code.Length - 5, code.Length), (found.Start, found.End));
        Assert.Equal("--aligner", Assert.Single(found.Items).Text);
    }

    [Fact]
    public void Values_of_cells_are_offered_by_name()
    {
        fixture.Engine.Evaluate(
            "let someLoss = KdNotebooks.Losses.L2Loss()", cancellation: TestContext.Current.CancellationToken);
        const string code = "#!kd-check @some";
        Assert.Contains("@someLoss", Assistant.Complete(code, code.Length)!.Items.Select(item => item.Text));
    }

    [Fact]
    public void FSharp_is_left_to_the_next()
    {
        Assert.Null(Assistant.Complete("let x = Li", 10));
        Assert.Null(Assistant.Inspect("let x = 1", 5));
    }

    [Fact]
    public void A_command_is_explained() => Assert.Contains(
        "--aligner LIST", Assistant.Inspect("#!kd-ablate --seeds 3", 4)!.Data[MimeBundle.Text]);
}
