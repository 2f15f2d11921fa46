using System.Runtime.CompilerServices;
using KdNotebooks.Native;
using KdNotebooks.Recipes;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;

namespace KdNotebooks.Guests;

/// <summary>A folder of its own for what tests train, gone at the end.</summary>
public class Workshop : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("kd-guests-").FullName;

    [ModuleInitializer]
    internal static void Load() => NativeLibraries.EnsureLoaded();

    public ExperimentResult Train(params Recipe[] recipes) => Experiment.Run(
        recipes, new RunContext(ProgressReporter.Silent, Folder, TestContext.Current.CancellationToken));

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}
