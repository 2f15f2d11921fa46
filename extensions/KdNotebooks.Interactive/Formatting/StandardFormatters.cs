using KdNotebooks.Experiments;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Interactive.Magics;
using KdNotebooks.Invariants;
using KdNotebooks.Methods;
using KdNotebooks.Models;
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
        registry.Add<MethodTable>(MethodTableFormatter.Format);
        registry.Add<LearningCurves>(curves => FigureFormatter.Format(LearningCurvesChart.Draw(curves)));
        registry.Add<Figure>(FigureFormatter.Format);
        // By name: asking for the type would load Plotly.NET, which not every host can and not every session needs.
        registry.AddNamed(
            "Plotly.NET.GenericChart", chart => FigureFormatter.Format(ChartLibrary.Painter.OfGenericChart(chart)));
        registry.Add<DataFrame>(DataFrameFormatter.Format);
        registry.Add<ModuleTable>(table => DataFrameFormatter.Format(table.ToDataFrame()));
        registry.Add<Recipe>(recipe => MimeBundle.OfText(RecipeJson.Write(recipe)));
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
