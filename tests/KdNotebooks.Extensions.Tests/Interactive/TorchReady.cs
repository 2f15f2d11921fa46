using System.Runtime.CompilerServices;
using KdNotebooks.Native;

namespace KdNotebooks.Extensions.Tests.Interactive;

/// <summary>Tests make tensors before they call the core, which would have loaded the native libraries.</summary>
internal static class TorchReady
{
    [ModuleInitializer]
    internal static void Load() => NativeLibraries.EnsureLoaded();
}
