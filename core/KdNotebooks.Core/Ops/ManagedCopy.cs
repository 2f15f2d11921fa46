using System.Runtime.InteropServices;

namespace KdNotebooks.Ops;

/// <summary>A tensor's values in managed memory, from whatever device it is on.</summary>
internal static class ManagedCopy
{
    /// <summary>Row-major. Values of another type are converted; no values give an empty array.</summary>
    public static T[] Of<T>(Tensor tensor)
        where T : unmanaged
    {
        using var scope = torch.NewDisposeScope();
        var type = default(T) switch
        {
            float => torch.float32,
            double => torch.float64,
            long => torch.int64,
            _ => torch.uint8,
        };
        var plain = tensor.detach().to(type).cpu().contiguous();
        // TorchSharp's own ToArray fails where there is nothing.
        return plain.numel() == 0 ? [] : MemoryMarshal.Cast<byte, T>(plain.bytes).ToArray();
    }
}
