using KdNotebooks.Interactive;
using KdNotebooks.Kernel.Engine;

namespace KdNotebooks.Extensions.Tests.Kernel.Engine;

[Collection(EngineCollection.Name)]
public sealed class FSharpAssistantTests(EngineFixture fixture)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private readonly FSharpAssistant assistant = new(fixture.Engine);

    // The cursor stands at "|".
    private Completions Complete(string code) =>
        assistant.Complete(code.Replace("|", ""), code.IndexOf('|'))!;

    private string? Inspect(string code) =>
        assistant.Inspect(code.Replace("|", ""), code.IndexOf('|'))?.Data[MimeBundle.Text];

    [Fact]
    public void Values_of_earlier_cells_and_members_after_a_dot_are_completed()
    {
        fixture.Engine.Evaluate("let wanted = [ 1; 2 ]\nlet ``with spaces`` = 3", cancellation: Stop);
        Assert.Equal(["wanted"], Complete("let a = wante|").Items.Select(item => item.Text));
        Assert.Equal(["Length"], Complete("wanted.Le|").Items.Select(item => item.Text));
        Assert.Contains("``with spaces``", Complete("wit|").Items.Select(item => item.Text));
    }

    [Theory]
    [InlineData("let x = 1\nlet y = [ 2 ].Le|\nlet z = 3", "Length")]
    [InlineData("open TorchSharp\ntorch.zeros_|", "zeros_like")]
    [InlineData("matc|", "match")]
    [InlineData("System.stringcomparer|", "StringComparer")]
    public void What_could_stand_at_the_cursor_is_offered(string code, string expected) =>
        Assert.Contains(expected, Complete(code).Items.Select(item => item.Text));

    [Fact]
    public void The_part_that_was_typed_is_what_is_replaced()
    {
        var found = Complete("let a = List.ma|");
        Assert.Equal((13, 15), (found.Start, found.End));
        Assert.Contains(new Completion("map", "method"), found.Items);
    }

    [Fact]
    public void A_name_is_shown_with_its_type_and_its_documentation()
    {
        fixture.Engine.Evaluate("/// Twice as much.\nlet twice (x: int) = 2 * x", cancellation: Stop);
        Assert.Contains("twice: x: int -> int", Inspect("tw|ice 3"));
        Assert.Contains(
            "Formats a value and shows it below the running cell.", Inspect("KdNotebooks.Interactive.Display.Show(1, |"));
        Assert.Null(Inspect("noSuchName|"));
        Assert.Null(Inspect("|"));
    }

    [Fact]
    public async Task While_a_cell_runs_nothing_is_known_and_nothing_waits()
    {
        using var stop = new CancellationTokenSource();
        using var started = new SemaphoreSlim(0);
        var cell = Task.Run(
            () => fixture.Engine.Evaluate(
                "printfn \"started\"\n"
                + "KdNotebooks.Runtime.RunContext.Current.Cancellation.WaitHandle.WaitOne() |> ignore",
                events: new Signal(started), cancellation: stop.Token),
            Stop);
        await started.WaitAsync(Stop);
        Assert.Null(assistant.Complete("wanted.", 7));
        Assert.Null(assistant.Inspect("wanted", 3));
        await stop.CancelAsync();
        await cell;
    }

    private sealed class Signal(SemaphoreSlim printed) : ICellEvents
    {
        public void Printed(string name, string text) => printed.Release();

        public void Shown(DisplayOutput output) { }

        public void Updated(DisplayOutput output) { }
    }
}
