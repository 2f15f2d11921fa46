using System.Text.Json.Nodes;
using KdNotebooks.Kernel.Report;

namespace KdNotebooks.Extensions.Tests.Kernel.Report;

public sealed class RunFactsTests
{
    [Fact]
    public void Given_parameters_stand_over_declared_ones()
    {
        const string source = "// all\nlet seeds = 3 // few\nlet data: string = \"mini\"\n  let inner = 1";
        var notebook = ExampleNotebook.Of(ExampleNotebook.Code(source, ["parameters"]));
        notebook["metadata"]!["papermill"] = new JsonObject
        {
            ["start_time"] = "2026-11-21T09:14:03Z",
            ["duration"] = 75.5,
            ["parameters"] = new JsonObject { ["seeds"] = 5 },
        };

        var facts = RunFacts.Of(notebook, ReportCell.AllOf(notebook));

        Assert.Equal([new("seeds", "5"), new("data", "\"mini\"")], facts.Parameters);
        Assert.Equal(new DateTimeOffset(2026, 11, 21, 9, 14, 3, TimeSpan.Zero), facts.Started);
        Assert.Equal("1 min 15 s", HeaderHtml.Spoken(facts.Elapsed!.Value));
    }

    [Fact]
    public void A_notebook_that_says_nothing_has_no_facts()
    {
        var facts = RunFacts.Of([], []);

        Assert.Null(facts.Started);
        Assert.Null(facts.Elapsed);
        Assert.Null(facts.FailedAt);
    }

    [Theory]
    [InlineData(0.42, "0.4 s")]
    [InlineData(12.4, "12 s")]
    [InlineData(192, "3 min 12 s")]
    [InlineData(7500, "2 h 5 min")]
    public void Times_are_spoken(double seconds, string words) =>
        Assert.Equal(words, HeaderHtml.Spoken(TimeSpan.FromSeconds(seconds)));
}
