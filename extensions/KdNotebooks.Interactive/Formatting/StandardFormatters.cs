using KdNotebooks.Analysis;
using KdNotebooks.Catalogue;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Interactive.Magics;
using KdNotebooks.Invariants;
using KdNotebooks.Metrics;
using KdNotebooks.Models;
using KdNotebooks.Recipes;
using KdNotebooks.Results;
using KdNotebooks.Runs;
using KdNotebooks.Teachers;
using Microsoft.Data.Analysis;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>What is shown well without anything being registered. One line a type.</summary>
internal static class StandardFormatters
{
    public static FormatterRegistry Create()
    {
        var registry = new FormatterRegistry();
        registry.Add<ResultTable>(ResultTableFormatter.Format);
        registry.Add<AlphaReport>(AlphaReportFormatter.Format);
        registry.Add<InvariantReport>(InvariantReportFormatter.Format);
        registry.Add<PartTable>(PartTableFormatter.Format);
        registry.Add<LearningCurves>(curves => FigureFormatter.Format(LearningCurvesChart.Draw(curves)));
        registry.Add<ConfusionMatrix>(matrix => FigureFormatter.Format(ConfusionChart.Draw(matrix)));
        registry.Add<ClassChange>(change => FigureFormatter.Format(ClassChangeChart.Draw(change)));
        registry.Add<ScoreCurves>(curves => FigureFormatter.Format(ScoreCurvesChart.Draw(curves)));
        registry.Add<ChannelMatch>(match => FigureFormatter.Format(CorrelationChart.Draw(match)));
        registry.Add<IReadOnlyList<ChannelMatch>>(matches => FigureFormatter.Format(CorrelationChart.Draw(matches)));
        registry.Add<ImageMaps>(MapGridFormatter.Format);
        registry.Add<Predictions>(PredictionGridFormatter.Format);
        registry.Add<PredictionPair>(PredictionGridFormatter.Format);
        registry.Add<PredictionTable>(PredictionTableFormatter.Format);
        registry.Add<SampleGrid>(SampleGridFormatter.Format);
        registry.Add<CkaTable>(table => FigureFormatter.Format(CkaChart.Draw(table)));
        registry.Add<Figure>(FigureFormatter.Format);
        // By name: asking for the type would load Plotly.NET, which not every host can and not every session needs.
        registry.AddNamed(
            "Plotly.NET.GenericChart", chart => FigureFormatter.Format(ChartLibrary.Painter.OfGenericChart(chart)));
        registry.Add<DataFrame>(DataFrameFormatter.Format);
        registry.Add<ModuleTable>(ModuleTreeFormatter.Format);
        registry.Add<nn.Module>(ModuleTreeFormatter.Format);
        registry.Add<Recipe>(RecipeFormatter.Format);
        registry.Add<ExperimentResult>(RunFormatter.Format);
        registry.Add<RunResult>(RunFormatter.Format);
        registry.Add<TeacherCheck>(RunFormatter.Format);
        registry.Add<torch.Tensor>(TensorFormatter.Format);
        registry.Add<ImageGrid>(ImageGridFormatter.Format);
        registry.Add<Markdown>(prose => MimeBundle.OfText(prose.Source).With(MimeBundle.Markdown, prose.Source));
        registry.Add<Html>(html => MimeBundle.OfHtml(html.Source, html.Text));
        registry.Add<MachineReport>(MachineReport.Format);
        registry.Add<MagicHelp>(MagicHelp.Format);
        registry.Add<MagicList>(MagicList.Format);
        registry.Add<Exception>(ExceptionFormatter.Format);
        return registry;
    }
}
