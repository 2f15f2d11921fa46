using System.Runtime.InteropServices;

namespace KdNotebooks.Native;

/// <summary>
/// Looks at the arguments of those native calls of TorchSharp that let a C++ exception out, which ends the process with
/// all that a notebook holds: a matrix product of shapes that do not fit is the one that people meet.
/// </summary>
/// <remarks>
/// 149 entries of TorchSharp 0.107.0's library catch nothing (docs/torchsharp-unguarded.md). A managed function cannot
/// catch for them, since a C++ exception cannot pass it. So it asks first, and calls the original where all fits: not a
/// bit of a result changes. Where it does not fit, it leaves a message where TorchSharp looks for libtorch's own.
/// </remarks>
internal static unsafe class NativeGuards
{
    // c10::ScalarType's numbers of what has no matrix product on a CPU; on other devices whole numbers have none.
    private const sbyte ComplexHalf = 8, Bool = 11, LastWhole = 4;
    private const int Cpu = 0;

    // A text that TorchSharp has not asked for yet, and the last one, which is freed when the next comes.
    [ThreadStatic]
    private static nint message, last;

    private static delegate* unmanaged<nint, nint, nint> matmul;
    private static delegate* unmanaged<nint, nint, long, void> cummax, cummin;
    private static delegate* unmanaged<int, void> threads;
    private static delegate* unmanaged<nint> lastError;
    private static delegate* unmanaged<nint, long> dimensions;
    private static delegate* unmanaged<nint, long, long> size;
    private static delegate* unmanaged<nint, sbyte> type;
    private static delegate* unmanaged<nint, int> device;
    private static delegate* unmanaged<nint, byte> sparse;

    /// <summary>Call it before TorchSharp first calls its library.</summary>
    /// <param name="library">TorchSharp's native library.</param>
    /// <returns>False where this system does not let it: then such a call ends the process, as with TorchSharp alone.</returns>
    public static bool TryBegin(nint library)
    {
        lastError = (delegate* unmanaged<nint>)Export("THSTorch_get_and_reset_last_err");
        dimensions = (delegate* unmanaged<nint, long>)Export("THSTensor_ndimension");
        size = (delegate* unmanaged<nint, long, long>)Export("THSTensor_size");
        type = (delegate* unmanaged<nint, sbyte>)Export("THSTensor_type");
        device = (delegate* unmanaged<nint, int>)Export("THSTensor_device_type");
        sparse = (delegate* unmanaged<nint, byte>)Export("THSTensor_is_sparse");
        matmul = (delegate* unmanaged<nint, nint, nint>)Export("THSTensor_matmul");
        cummax = (delegate* unmanaged<nint, nint, long, void>)Export("THSTensor_cummax");
        cummin = (delegate* unmanaged<nint, nint, long, void>)Export("THSTensor_cummin");
        threads = (delegate* unmanaged<int, void>)Export("THSTorch_set_num_threads");
        // The message first: without it, what is refused would give a null tensor and no error.
        return lastError is not null && dimensions is not null && size is not null && type is not null
            && device is not null && sparse is not null
            && Rebind("THSTorch_get_and_reset_last_err", (nint)(delegate* unmanaged<nint>)&LastError)
            && Rebind("THSTensor_matmul", (nint)(delegate* unmanaged<nint, nint, nint>)&Matmul)
            && Rebind("THSTensor_cummax", (nint)(delegate* unmanaged<nint, nint, long, void>)&Cummax)
            && Rebind("THSTensor_cummin", (nint)(delegate* unmanaged<nint, nint, long, void>)&Cummin)
            && Rebind("THSTorch_set_num_threads", (nint)(delegate* unmanaged<int, void>)&Threads)
            && Rebind("THSTorch_set_num_interop_threads", (nint)(delegate* unmanaged<int, void>)&InteropThreads);

        nint Export(string name) => NativeLibrary.TryGetExport(library, name, out var address) ? address : 0;

        bool Rebind(string name, nint target) => LoadedLibrary.TryRebind(library, name, target);
    }

    [UnmanagedCallersOnly]
    private static nint LastError()
    {
        var noted = message;
        if (noted == 0)
        {
            return lastError();
        }

        // TorchSharp copies it and frees nothing.
        message = 0;
        return noted;
    }

    [UnmanagedCallersOnly]
    private static nint Matmul(nint left, nint right) => WhyNotMultiplied(left, right) is { } why ? Refuse(why) : matmul(left, right);

    [UnmanagedCallersOnly]
    private static void Cummax(nint tensor, nint allocator, long dim) => Along("cummax", cummax, tensor, allocator, dim);

    [UnmanagedCallersOnly]
    private static void Cummin(nint tensor, nint allocator, long dim) => Along("cummin", cummin, tensor, allocator, dim);

    private static void Along(
        string what, delegate* unmanaged<nint, nint, long, void> original, nint tensor, nint allocator, long dim)
    {
        if (WhyNotAlong(what, tensor, dim) is { } why)
        {
            Refuse(why);
            return;
        }

        original(tensor, allocator, dim);
    }

    [UnmanagedCallersOnly]
    private static void Threads(int count)
    {
        if (count < 1)
        {
            Refuse($"set_num_threads: {count} threads; expected at least 1.");
            return;
        }

        threads(count);
    }

    // libtorch takes this once, before any work, and throws after that; nothing tells from outside whether it still may.
    [UnmanagedCallersOnly]
    private static void InteropThreads(int count) => Refuse(
        $"set_num_interop_threads({count}): libtorch takes this once, before its first work, and ends the process later; "
        + "it is not let through. Threads within an operation are `torch.set_num_threads`.");

    private static nint Refuse(string why)
    {
        Marshal.FreeCoTaskMem(last);
        message = last = Marshal.StringToCoTaskMemUTF8(why);
        return 0;
    }

    private static string? WhyNotMultiplied(nint left, nint right)
    {
        var (a, b) = (Shape(left), Shape(right));
        var (kind, other) = (type(left), type(right));
        if (a.Length == 0 || b.Length == 0)
        {
            return Say("a number has no matrix product; use `*`, or give both at least one dimension");
        }

        if (kind != other)
        {
            return Say($"of type {(torch.ScalarType)kind} and {(torch.ScalarType)other}; bring both to one type (`.to(torch.float32)`)");
        }

        if (device(left) != device(right))
        {
            return Say("on different devices; bring both to one (`.to(device)`)");
        }

        if (kind is ComplexHalf or Bool || (device(left) != Cpu && kind <= LastWhole))
        {
            return Say($"libtorch multiplies no matrices of {(torch.ScalarType)kind} here; bring both to float32");
        }

        if (sparse(left) != 0 || sparse(right) != 0)
        {
            return null; // its own rules; most of what dense ones may do
        }

        var (columns, rows) = (a[^1], b[Math.Max(0, b.Length - 2)]);
        if (columns != rows)
        {
            return Say(
                $"the left one's last size ({columns}) and the right one's {(b.Length == 1 ? "only" : "last but one")} ({rows}) differ"
                + (b.Length == 2 && b[1] == columns ? "; transpose the right one (`.t()`)" : ""));
        }

        for (var i = 3; i <= Math.Min(a.Length, b.Length); i++)
        {
            if (a[^i] != b[^i] && a[^i] != 1 && b[^i] != 1)
            {
                return Say($"the sizes before the last two, {a[^i]} and {b[^i]}, differ; expected equal ones, or 1");
            }
        }

        return null;

        string Say(string why) => $"matmul: [{string.Join(", ", a)}] by [{string.Join(", ", b)}]: {why}.";
    }

    private static string? WhyNotAlong(string what, nint tensor, long dim)
    {
        var shape = Shape(tensor);
        var count = Math.Max(1, shape.Length);
        if (dim < -count || dim >= count)
        {
            return $"{what}: dimension {dim} of [{string.Join(", ", shape)}]; expected {-count} to {count - 1}.";
        }

        return type(tensor) is >= ComplexHalf and < Bool
            ? $"{what}: complex numbers have no order; take their absolute values first."
            : null;
    }

    private static long[] Shape(nint tensor)
    {
        var shape = new long[dimensions(tensor)];
        for (var i = 0; i < shape.Length; i++)
        {
            shape[i] = size(tensor, i);
        }

        return shape;
    }
}
