using System.Runtime.CompilerServices;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests;

internal static class Native
{
    // A test may touch torch before it touches the core.
    [ModuleInitializer]
    internal static void Load() => NativeLibraries.EnsureLoaded();
}
