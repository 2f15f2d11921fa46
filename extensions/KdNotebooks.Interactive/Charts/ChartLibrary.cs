using System.Reflection;
using System.Runtime.Loader;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Charts;

/// <summary>
/// Finds what draws the charts, in a process that may not be able to load it beside its own assemblies.
/// </summary>
/// <remarks>
/// Plotly.NET wants a newer FSharp.Core than .NET Interactive carries, and a process has one FSharp.Core in its default
/// context. Where that one is new enough, as in our own kernel, KdNotebooks.Charts is loaded there and cells can use
/// Plotly.NET too; else it is loaded from the folder "charts" into a context that brings its own FSharp.Core.
/// </remarks>
internal static class ChartLibrary
{
    private const string Name = "KdNotebooks.Charts";

    // What Plotly.NET was compiled against.
    private static readonly Version NewEnough = new(10, 1);

    private static readonly Lazy<IChartPainter> Found = new(Find);

    /// <summary>The painter of this process; loaded at first use.</summary>
    /// <exception cref="KdException">There is none; the message says where it was looked for.</exception>
    public static IChartPainter Painter => Found.Value;

    /// <summary>Loads a painter into a context of its own, whatever the process could load.</summary>
    /// <param name="folder">Holds KdNotebooks.Charts.dll and what it does not share with the process.</param>
    public static IChartPainter LoadIsolated(string folder)
    {
        var context = new ChartContext(folder);
        return PainterOf(context.LoadFromAssemblyPath(Path.Combine(Path.GetFullPath(folder), Name + ".dll")));
    }

    private static IChartPainter Find()
    {
        if (HasNewFSharp() && Load(AssemblyLoadContext.Default, Name) is { } shared)
        {
            return PainterOf(shared);
        }

        string[] folders = [.. Folders()];
        return folders.FirstOrDefault(folder => File.Exists(Path.Combine(folder, Name + ".dll"))) is { } folder
            ? LoadIsolated(folder)
            : throw new KdException(
                $"Charts: {Name}.dll is not here, so nothing can be drawn. It was looked for in: "
                + $"{string.Join(", ", folders)}. Install the package KdNotebooks.Interactive again.");
    }

    // Beside this assembly; and where the package has it, above lib/net10.0.
    private static IEnumerable<string> Folders()
    {
        var here = Path.GetDirectoryName(typeof(ChartLibrary).Assembly.Location) is { Length: > 0 } folder
            ? folder
            : AppContext.BaseDirectory;
        yield return Path.Combine(here, "charts");
        yield return Path.GetFullPath(Path.Combine(here, "..", "..", "charts"));
    }

    // One that is loaded already decides: a second one could not be loaded beside it.
    private static bool HasNewFSharp()
    {
        var context = AssemblyLoadContext.Default;
        var loaded = context.Assemblies.FirstOrDefault(known => known.GetName().Name == "FSharp.Core")
            ?? Load(context, "FSharp.Core");
        return loaded?.GetName().Version >= NewEnough;
    }

    private static Assembly? Load(AssemblyLoadContext context, string name)
    {
        try
        {
            return context.LoadFromAssemblyName(new AssemblyName(name));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static IChartPainter PainterOf(Assembly charts) =>
        (IChartPainter)Activator.CreateInstance(charts.GetType(Name + ".ChartPainter", throwOnError: true)!)!;

    /// <summary>What is in the folder is the context's own; everything else is the process's.</summary>
    private sealed class ChartContext(string folder) : AssemblyLoadContext(ChartLibrary.Name)
    {
        private readonly AssemblyLoadContext ours = GetLoadContext(typeof(ChartLibrary).Assembly) ?? Default;

        protected override Assembly? Load(AssemblyName assemblyName)
        {
            var path = Path.Combine(Path.GetFullPath(folder), assemblyName.Name + ".dll");
            if (File.Exists(path))
            {
                return LoadFromAssemblyPath(path);
            }

            // By name first: a host may have loaded what we share from a file that no probing finds.
            return ours.Assemblies.FirstOrDefault(known => known.GetName().Name == assemblyName.Name)
                ?? ours.LoadFromAssemblyName(assemblyName);
        }
    }
}
