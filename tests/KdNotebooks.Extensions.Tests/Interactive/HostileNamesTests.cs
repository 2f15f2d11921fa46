using System.Text.Json.Nodes;
using KdNotebooks.Interactive;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Invariants;
using KdNotebooks.Results;
using KdNotebooks.Teachers;
using Microsoft.Data.Analysis;

namespace KdNotebooks.Extensions.Tests.Interactive;

/// <summary>A class, run, method or file name that is a script comes out as text, whatever shows it.</summary>
public sealed class HostileNamesTests
{
    private const string Name = Samples.Hostile;

    public static TheoryData<string, Func<object>> Values { get; } = new()
    {
        { "learning curves", () => Samples.Curves(Name) },
        { "differences", () => DifferenceChart.Draw(Samples.Table(Name)) },
        { "ablation", () => AblationChart.Draw(Samples.Table(Name)) },
        { "ablation by number", () => AblationChart.Draw(Numbered()) },
        { "comparison", () => ComparisonChart.Draw(Samples.Table(Name)) },
        { "alpha", () => AlphaChart.Draw(Analyses.Alpha(Name)) },
        { "confusion", () => Analyses.Confusion(Name) },
        { "confusion of a run", () => ConfusionChart.Draw(Analyses.Confusion(), Name) },
        { "change by class", () => Analyses.Change(Name) },
        { "change of IoU", () => Analyses.IouChange(Name) },
        { "precision", () => Analyses.Curves(Name) },
        { "scenes", () => Analyses.Scenes(Name, Name) },
        { "scenes of a dataset", () => new SampleGrid(
            Analyses.Segmentation(Name).Pictures, [Analyses.Scene(name: Name)], Name) },
        { "samples with classes", () => new SampleGrid(
            Analyses.Classification(Name).Pictures, [Analyses.Classification(Name).Data.Train.Load(0)], Name) },
        { "classes beside each other", () => Analyses.Labeled(Name, Name) },
        { "predictions of scenes", () => Analyses.ScenePredictions(Name, Name) },
        { "correlation", () => Analyses.Match(Name) },
        { "CKA", () => Analyses.Cka(Name) },
        { "result table", () => Samples.Table(Name) },
        { "alpha report", () => Analyses.Alpha(Name) },
        { "data frame", () => new DataFrame(new StringDataFrameColumn(Name, [Name])) },
        { "images", () => Samples.Images(Name) },
        { "maps", () => Analyses.Maps(Name) },
        { "predictions", () => Analyses.Predictions(Name, Name) },
        { "predictions of two", () => new Analysis.PredictionPair(
            Analyses.Predictions(Name, Name, 1, 0, 0), Analyses.Predictions(Name, Name)) },
        { "recipe", () => Analyses.Recipe(Name) },
        { "run", () => Analyses.Run(Name) },
        { "experiment", () => Analyses.Experiment(Name) },
        { "teacher", () => new TeacherCheck(Name, Name, 1, 90, 90, 10) },
        { "model", () => nn.Sequential((Name.Replace(".", ""), nn.Linear(2, 2))) },
        { "invariants", () => new InvariantReport(Name, 1, 1,
            [new(Claim.Finite, Verdict.Broken, 1, Name, [new SmallTensor(Name, [1], [1])])]) },
        { "error", () => new InvalidOperationException(Name) },
    };

    [Theory]
    [MemberData(nameof(Values), DisableDiscoveryEnumeration = true)]
    public void It_is_text(string what, Func<object> value)
    {
        var bundle = Formatters.Format(value());

        var html = bundle.Data[MimeBundle.Html];
        Assert.DoesNotContain("<script>alert", html, StringComparison.OrdinalIgnoreCase);
        Assert.True(html.Contains("&lt;script&gt;alert") || html.Contains("\\u003Cscript"), what);
        if (bundle.Data.TryGetValue(MimeBundle.Plotly, out var plotly))
        {
            Assert.All(Labels(JsonNode.Parse(plotly)!), text => Assert.DoesNotContain("<script", text));
        }
    }

    // Plotly reads tags in every text that it draws; what only describes the figure is set as text by the page.
    private static IEnumerable<string> Labels(JsonNode node, string key = "") => node switch
    {
        JsonObject fields => fields.Where(field => field.Value is not null && field.Key != "meta")
            .SelectMany(field => Labels(field.Value!, field.Key)),
        JsonArray items => items.OfType<JsonNode>().SelectMany(item => Labels(item, key)),
        JsonValue value when value.TryGetValue<string>(out var text) => [text],
        _ => [],
    };

    private static ResultTable Numbered() => new(
        [.. new[] { ("none", 80.0), ($"{Name} 1", 81), ($"{Name} 2", 82) }
            .Select(row => new ResultRow(row.Item1, 1, "accuracy", row.Item2, "test"))], "none");
}
