using KdNotebooks.Native;

namespace KdNotebooks.Tests.Native;

public sealed class PackageFoldersTests : IDisposable
{
    private readonly string cache = Directory.CreateTempSubdirectory("kd-packages-").FullName;

    public void Dispose() => Directory.Delete(cache, recursive: true);

    [Fact]
    public void A_backend_s_packages_are_followed_to_the_versions_that_they_name()
    {
        Package("torchsharp-cpu", "0.107.0", "libtorch-cpu|2.10.0", "TorchSharp|0.107.0");
        Package("libtorch-cpu", "2.10.0", "libtorch-cpu-linux-x64|[2.10.0, )");
        Package("libtorch-cpu-linux-x64", "2.10.0");
        Package("libtorch-cpu-linux-x64", "2.11.0");
        Assert.Equal(
            ["torchsharp-cpu/0.107.0", "libtorch-cpu/2.10.0", "libtorch-cpu-linux-x64/2.10.0"],
            PackageFolders.Needed(cache, "torchsharp-cpu", "0.107.0")
                .Select(folder => Path.GetRelativePath(cache, folder)));
    }

    [Fact]
    public void A_package_that_is_not_there_or_cannot_be_read_has_no_folders_below_it()
    {
        Assert.Empty(PackageFolders.Needed(cache, "torchsharp-cpu", "0.107.0"));
        Package("torchsharp-cpu", "0.107.0");
        File.WriteAllText(Path.Combine(cache, "torchsharp-cpu", "0.107.0", "torchsharp-cpu.nuspec"), "<package");
        Assert.Single(PackageFolders.Needed(cache, "torchsharp-cpu", "0.107.0"));
    }

    private void Package(string id, string version, params string[] needs)
    {
        var folder = Directory.CreateDirectory(Path.Combine(cache, id, version)).FullName;
        var dependencies = needs.Select(need => need.Split('|'))
            .Select(need => $"<dependency id=\"{need[0]}\" version=\"{need[1]}\" />");
        File.WriteAllText(
            Path.Combine(folder, id + ".nuspec"),
            "<package xmlns=\"http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd\"><metadata><dependencies>"
            + string.Concat(dependencies) + "</dependencies></metadata></package>");
    }
}
