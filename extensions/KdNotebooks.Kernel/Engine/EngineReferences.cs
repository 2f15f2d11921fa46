using System.Reflection;
using System.Runtime.Loader;

namespace KdNotebooks.Kernel.Engine;

/// <summary>
/// The assemblies that a cell can use without asking. They are referenced by the path from which this process loads
/// them, so that a cell and the host share their types: a tensor of a cell is a tensor of the trainer.
/// </summary>
internal static class EngineReferences
{
    private static readonly string[] Names =
    [
        "TorchSharp", "KdNotebooks.Core", "KdNotebooks.FSharp", "KdNotebooks.Properties", "KdNotebooks.Interactive",
        "KdNotebooks.Kernel", "FsCheck",
        "Plotly.NET", "Plotly.NET.CSharp", "DynamicObj", "Giraffe.ViewEngine", "Newtonsoft.Json", "MathNet.Numerics",
        "Microsoft.Data.Analysis", "SkiaSharp",
    ];

    /// <summary>One "--reference:path" for each.</summary>
    public static IEnumerable<string> Arguments() =>
        Names.Select(Locate).OfType<string>().Select(path => $"--reference:{path}");

    private static string? Locate(string name)
    {
        try
        {
            return AssemblyLoadContext.Default.LoadFromAssemblyName(new AssemblyName(name)).Location;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
