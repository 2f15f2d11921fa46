using KdNotebooks.Kernel.Jupyter.Install;
using KdNotebooks.Runtime;
using SkiaSharp;

namespace KdNotebooks.Extensions.Tests.Kernel.Jupyter.Install;

public sealed class KernelSpecFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Installing_writes_the_spec_and_its_logos_and_nothing_beside_them()
    {
        var written = KernelSpecFolder.Install(folder.At("kernels"), "{}");
        Assert.Equal(folder.At("kernels", "kd-fsharp"), written);
        Assert.Equal(["kd-fsharp"], Directory.GetFileSystemEntries(folder.At("kernels")).Select(Path.GetFileName));
        Assert.Equal(
            ["kernel.json", "logo-32x32.png", "logo-64x64.png", "logo-svg.svg"],
            Directory.GetFiles(written).Select(Path.GetFileName).Order());
        using var logo = SKBitmap.Decode(Path.Combine(written, "logo-64x64.png"));
        Assert.Equal((64, 64), (logo.Width, logo.Height));
    }

    [Fact]
    public void Installing_again_replaces_what_was_there()
    {
        var written = KernelSpecFolder.Install(folder.Path, "old");
        File.WriteAllText(Path.Combine(written, "left over"), "");
        KernelSpecFolder.Install(folder.Path, "new");
        Assert.Equal("new", File.ReadAllText(Path.Combine(written, "kernel.json")));
        Assert.False(File.Exists(Path.Combine(written, "left over")));
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Uninstalling_removes_it_and_what_is_not_there_is_said()
    {
        var written = KernelSpecFolder.Install(folder.Path, "{}");
        Assert.Equal(written, KernelSpecFolder.Uninstall(folder.Path));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
        var missing = Assert.Throws<KdException>(() => KernelSpecFolder.Uninstall(folder.Path)).Message;
        Assert.Contains($"not installed in {written}", missing);
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_named()
    {
        File.WriteAllText(folder.At("file"), "");
        var refused = Assert.Throws<KdException>(() => KernelSpecFolder.Install(folder.At("file"), "{}")).Message;
        Assert.Contains("cannot be changed", refused);
        Assert.Contains("--prefix DIR", refused);
    }
}
