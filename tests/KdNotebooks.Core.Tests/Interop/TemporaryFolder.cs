namespace KdNotebooks.Tests.Interop;

internal sealed class TemporaryFolder : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("kd-interop-").FullName;

    internal string File(string name) => Path.Combine(root, name);

    internal string[] Names() =>
        [.. Directory.GetFileSystemEntries(root).Select(path => Path.GetFileName(path)!).Order()];

    public void Dispose() => Directory.Delete(root, recursive: true);
}
