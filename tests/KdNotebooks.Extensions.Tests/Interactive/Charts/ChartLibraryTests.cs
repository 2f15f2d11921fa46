using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.Loader;
using KdNotebooks.Interactive.Charts;

namespace KdNotebooks.Extensions.Tests.Interactive.Charts;

public sealed class ChartLibraryTests
{
    private static readonly Version TooNew = new(10, 1);

    // The folder that CollectCharts fills; the project says where it is.
    private static string Folder => typeof(ChartLibraryTests).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "ChartsFolder").Value!;

    [Fact]
    public void What_a_host_with_an_older_FSharp_Core_loads_needs_neither_a_new_one_nor_Plotly()
    {
        var references = typeof(Figure).Assembly.GetReferencedAssemblies();

        Assert.DoesNotContain(references, name => name.Name!.StartsWith("Plotly", StringComparison.Ordinal));
        Assert.DoesNotContain(references, name => name.Name == "FSharp.Core" && name.Version >= TooNew);
    }

    [Fact]
    public void In_this_process_charts_are_of_the_default_context_so_that_cells_can_use_their_library() =>
        Assert.Same(AssemblyLoadContext.Default, ContextOf(ChartLibrary.Painter));

    [Fact]
    public void Apart_from_the_process_a_figure_comes_out_the_same()
    {
        var apart = ChartLibrary.LoadIsolated(Folder);

        var figure = apart.LearningCurves(Samples.Curves(), Band.LowestToHighest);

        Assert.NotSame(AssemblyLoadContext.Default, ContextOf(apart));
        Assert.Equal(LearningCurvesChart.Draw(Samples.Curves()).ToJson(), figure.ToJson());
        Assert.Equal(ChartLibrary.Painter.PlotlyJs(), apart.PlotlyJs());
    }

    [Fact]
    public void Apart_from_the_process_it_has_an_FSharp_Core_of_its_own()
    {
        var apart = ChartLibrary.LoadIsolated(Folder);
        apart.LearningCurves(Samples.Curves(), Band.LowestToHighest);

        var own = ContextOf(apart).Assemblies.ToDictionary(assembly => assembly.GetName().Name!);

        Assert.True(own["FSharp.Core"].GetName().Version >= TooNew);
        Assert.Contains("Plotly.NET", own.Keys);
        Assert.DoesNotContain(
            own.Keys, name => name is "KdNotebooks.Core" or "KdNotebooks.Interactive" or "TorchSharp");
    }

    // This test process has everything, so that what the folder lacks would go unnoticed here.
    [Fact]
    public void The_folder_is_complete_but_for_what_every_host_of_ours_has()
    {
        var files = Directory.GetFiles(Folder, "*.dll");

        var missing = files.SelectMany(References).Except(files.Select(Path.GetFileNameWithoutExtension))
            .Where(name => !IsShared(name!));

        Assert.Empty(missing);
    }

    private static IEnumerable<string> References(string file)
    {
        using var assembly = new PEReader(File.OpenRead(file));
        var metadata = assembly.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle =>
            metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }

    private static bool IsShared(string name) =>
        name is "netstandard" or "mscorlib" or "KdNotebooks.Core" or "KdNotebooks.Interactive" or "TorchSharp"
        || name.StartsWith("MathNet", StringComparison.Ordinal) || name.StartsWith("System", StringComparison.Ordinal);

    private static AssemblyLoadContext ContextOf(IChartPainter painter) =>
        AssemblyLoadContext.GetLoadContext(painter.GetType().Assembly)!;
}
