using System.Globalization;
using KdNotebooks.Runtime;

namespace KdNotebooks.Native;

/// <summary>Chooses a device at run time.</summary>
public static class Devices
{
    /// <summary>Reads "auto" (CUDA where there is one, else the CPU), "cpu", "cuda" or "cuda:N".</summary>
    /// <exception cref="KdException">The name is none of these, or asks for a CUDA device that is not there.</exception>
    public static torch.Device Select(string name)
    {
        NativeLibraries.EnsureLoaded();
        return name switch
        {
            "cpu" => torch.CPU,
            "auto" => torch.cuda.is_available() ? torch.device("cuda:0") : torch.CPU,
            "cuda" => Cuda(name, 0),
            _ when name.StartsWith("cuda:", StringComparison.Ordinal)
                && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var index) =>
                Cuda(name, index),
            _ => throw new KdException($"Device '{name}' is not known; expected 'auto', 'cpu', 'cuda' or 'cuda:N'."),
        };
    }

    private static torch.Device Cuda(string name, int index)
    {
        if (!torch.cuda.is_available())
        {
            throw new KdException(
                $"Device '{name}' was asked for, but no CUDA device can be used here. Use 'auto' or 'cpu'; or, on a "
                + "machine with an NVIDIA driver, build with -p:TorchBackend=cuda.");
        }

        var count = torch.cuda.device_count();
        return index < count
            ? torch.device($"cuda:{index}")
            : throw new KdException($"Device '{name}' was asked for, but there are {count}: cuda:0 to cuda:{count - 1}.");
    }
}
