using System.Globalization;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Results;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;
using KdNotebooks.Teachers;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>What a run or an experiment came to: facts, its numbers, and its learning curve folded away.</summary>
internal static class RunFormatter
{
    public static MimeBundle Format(ExperimentResult result)
    {
        var (facts, table) = (Facts(result), ResultTableFormatter.Format(result.Table));
        return MimeBundle.OfHtml(
            HtmlStyle.Element + facts.Html() + table.Data[MimeBundle.Html] + Curve(result.Curves),
            $"{facts.Text()}\n\n{table.Data[MimeBundle.Text]}");
    }

    public static MimeBundle Format(RunResult run)
    {
        var facts = Facts(run);
        var curves = RunResult.Curves([run]);
        return MimeBundle.OfHtml(HtmlStyle.Element + facts.Html() + Curve(curves), facts.Text());
    }

    public static MimeBundle Format(TeacherCheck check)
    {
        var facts = new FactTable($"Teacher {check.Name}")
            .Add("model", check.Model)
            .Add("parameters", check.Parameters.ToString("N0", CultureInfo.InvariantCulture));
        facts = check.Unmeasured is { } why
            ? facts.Add("not measured", $"{why}; it teaches by its maps alone")
            : facts.Add($"validation {check.Metric}", Percent(check.Validation))
                .Add($"test {check.Metric}", check.Test is { } test ? Percent(test) : "labels are not published")
                .Add("chance", Percent(check.Chance));
        return MimeBundle.OfHtml(HtmlStyle.Element + facts.Html(), check.ToString());
    }

    private static FactTable Facts(ExperimentResult result)
    {
        var recipes = result.Runs.Select(run => run.Recipe).ToList();
        var seeds = recipes.Select(recipe => recipe.Seed).Distinct().Order().ToList();
        return new FactTable($"{ChartText.Count(recipes.Count, "run")}, all complete")
            .Add("methods", string.Join(", ", recipes.Select(recipe => recipe.Method).Distinct()))
            .Add("seeds", string.Join(", ", seeds))
            .Add("data", Several(recipes.Select(recipe => recipe.Data.Name)))
            .Add("student", Several(recipes.Select(recipe => recipe.Student.Name)))
            .Add("teacher", result.Teacher is { } teacher
                ? Standing(teacher) : "none")
            .Add("time", Time(result.Elapsed))
            .Add("where", Several(result.Runs.Select(run => PathText.Of(Path.GetDirectoryName(run.Folder) ?? run.Folder))));
    }

    private static FactTable Facts(RunResult run)
    {
        var facts = new FactTable($"Run {run.Recipe.Method}, seed {run.Recipe.Seed}")
            .Add("data", run.Recipe.Data.Name)
            .Add("student", run.Recipe.Student.Name)
            .Add("teacher", run.Recipe.Teacher?.Weights ?? "none")
            .Add("epochs", $"{run.Epochs.Count}");
        foreach (var row in run.Rows)
        {
            facts.Add($"{row.Split} {row.Metric}, {row.Epoch} epoch",
                row.Kind.IsPercent ? Percent(row.Value) : ChartText.Number(row.Value));
        }

        return facts.Add("where", PathText.Of(run.Folder));
    }

    private static string Curve(LearningCurves curves) =>
        $"<details class=\"kd-fold\"><summary>Learning curve</summary>{Figure(curves)}</details>";

    // A host without the charts says so in the curve's place: the facts are not lost with it.
    private static string Figure(LearningCurves curves)
    {
        try
        {
            return FigureFormatter.Inline(LearningCurvesChart.Draw(curves));
        }
        catch (KdException error)
        {
            return HtmlText.Of($"<p class=\"kd-note\">{error.Message}</p>");
        }
    }

    private static string Standing(TeacherCheck teacher) => teacher switch
    {
        { Unmeasured: { } why } => $"{teacher.Name}, not measured: {why}",
        { Test: { } test } => $"{teacher.Name}, {Percent(test)} on test",
        _ => $"{teacher.Name}, {Percent(teacher.Validation)} on validation",
    };

    private static string Several(IEnumerable<string> names) => string.Join(", ", names.Distinct());

    private static string Percent(double value) => ResultTable.Number(value) + " %";

    private static string Time(TimeSpan time) => time.TotalMinutes < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:F1} s")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds} s");
}
