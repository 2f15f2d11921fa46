using KdNotebooks.Native;

namespace KdNotebooks.Tests.Native;

public sealed class NativeLibrariesTests
{
    [Fact]
    public void Torch_trains_on_this_machine()
    {
        using var scope = torch.NewDisposeScope();
        var weight = torch.tensor(3f, requires_grad: true);

        (weight * weight).backward();

        Assert.Equal(6f, weight.grad!.item<float>());
    }

    [Fact]
    public void Every_library_of_torch_comes_from_one_folder()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var status = NativeLibraries.Status;
        var loaded = File.ReadLines("/proc/self/maps")
            .Select(line => line.Split(' ')[^1])
            .Where(path => Path.GetFileName(path) is "libtorch_cpu.so" or "libtorch.so" or "libc10.so")
            .Distinct();

        Assert.All(loaded, path => Assert.Equal(status.Directory, Path.GetDirectoryName(path)));
    }
}
