using System.Runtime.InteropServices;

namespace KdNotebooks.Native;

/// <summary>Frees the numbers that TorchSharp hands to libtorch a second and more after TorchSharp lets go of them.</summary>
/// <remarks>
/// TorchSharp 0.107.0 hands a native call the address inside a <c>Scalar</c> and does not keep the object alive: a
/// collection that another thread's allocation sets off in that moment lets the finaliser free the number while libtorch
/// reads it. Every sum and every optimizer's update passes one, in user code too. It shows as a rare exception out of
/// an addition ("Expected false to be true"), or not at all, as a wrong number. (dotnet/TorchSharp 1434 and 1496 would
/// mend it; both are open.)
/// </remarks>
internal static unsafe class LateScalars
{
    // libtorch reads a number within microseconds of the call.
    private static readonly LateQueue Queue =
        new(number => free(number), atLeast: 1024, TimeSpan.FromSeconds(1), TimeProvider.System);

    private static delegate* unmanaged<nint, void> free;

    /// <summary>Call it before TorchSharp first frees a number.</summary>
    /// <param name="library">TorchSharp's native library.</param>
    /// <returns>False where this system does not let it: then they are freed at once, as TorchSharp does.</returns>
    public static bool TryBegin(nint library)
    {
        const string Name = "THSTorch_dispose_scalar";
        if (!NativeLibrary.TryGetExport(library, Name, out var original))
        {
            return false;
        }

        free = (delegate* unmanaged<nint, void>)original;
        return LoadedLibrary.TryRebind(library, Name, (nint)(delegate* unmanaged<nint, void>)&LetGo);
    }

    [UnmanagedCallersOnly]
    private static void LetGo(nint scalar) => Queue.Add(scalar);
}
