using KdNotebooks.Kernel.Engine;

namespace KdNotebooks.Extensions.Tests.Kernel;

/// <summary>
/// One F# session for all tests that need one: each costs seconds, and cells redirect the process's console.
/// </summary>
public sealed class EngineFixture : IDisposable
{
    public FSharpEngine Engine { get; } = new();

    public void Dispose() => Engine.Dispose();
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class EngineCollection : ICollectionFixture<EngineFixture>
{
    public const string Name = "F# engine";
}

/// <summary>The notebooks beside this file, and a folder that goes with the test.</summary>
internal static class Fixtures
{
    public static string Path(string name) =>
        System.IO.Path.Combine(AppContext.BaseDirectory, "Kernel", "fixtures", name);
}

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("kd-test-").FullName;

    public string At(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
