using System.Runtime.CompilerServices;
using KdNotebooks.Native;

namespace KdNotebooks.Tests;

internal static class NativeSetup
{
    // A test may touch torch before it touches the core.
    [ModuleInitializer]
    internal static void Load() => NativeLibraries.EnsureLoaded();
}
