using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Text.RegularExpressions;
using KdNotebooks.Runtime;

namespace KdNotebooks.Native;

/// <summary>How TorchSharp's native libraries were loaded, or why not.</summary>
/// <param name="Directory">The folder that libtorch came from; empty where none was found.</param>
/// <param name="Library">The TorchSharp library that was loaded: as shipped, or the mended copy.</param>
/// <param name="Waived">The symbol version that the system lacks and the mended copy does without; null where none.</param>
/// <param name="Error">What failed and what to do; null where all is loaded.</param>
/// <param name="ScalarsAreSafe">
/// Whether a number that is handed to libtorch outlives the call whatever is collected meanwhile.
/// </param>
/// <param name="CallsAreGuarded">
/// Whether a matrix product of shapes that do not fit is an exception; where not, it ends the process.
/// </param>
public sealed record NativeStatus(
    string Directory, string Library, string? Waived, string? Error, bool ScalarsAreSafe = false,
    bool CallsAreGuarded = false);

/// <summary>
/// Loads libtorch and TorchSharp's own library before anything touches <c>torch</c>. On Linux with a C++ runtime older
/// than GCC 13's (Debian 12, Ubuntu 22.04) TorchSharp's library asks for a symbol version that the system lacks, though
/// nothing in it uses a symbol of that version: a copy without the demand is written to the user's cache and loaded.
/// </summary>
/// <remarks>
/// Everything is loaded by absolute path: a bare name finds Debian's own, older libtorch where that is installed, and
/// the process crashes. Other systems are left to TorchSharp's own loading.
/// </remarks>
public static partial class NativeLibraries
{
    private const string TorchSharpLibrary = "libLibTorchSharp.so";

    private static readonly Lazy<NativeStatus> Loaded = new(Load);

    /// <summary>Loads what is not loaded yet and tells how it went; throws nothing.</summary>
    public static NativeStatus Status => Loaded.Value;

    /// <summary>Makes sure that <c>torch</c> can be used.</summary>
    /// <exception cref="KdException">A library cannot be loaded; the message says which, why, and what to do.</exception>
    public static void EnsureLoaded()
    {
        if (Status.Error is { } error)
        {
            throw new KdException(error);
        }
    }

    // Runs before any code of this assembly, so that a program needs to call nothing. It must not throw: the error is
    // kept for EnsureLoaded, where it reaches a reader as it is.
#pragma warning disable CA2255 // The one thing a module initializer is for: there is no later moment that is early enough.
    [ModuleInitializer]
    internal static void Initialize() => _ = Status;
#pragma warning restore CA2255

    private static NativeStatus Load()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return new NativeStatus("", "", null, null);
        }

        if (SearchFolders().FirstOrDefault(folder => File.Exists(Path.Combine(folder, "libtorch.so"))) is not { } folder)
        {
            return new NativeStatus("", "", null,
                $"libtorch.so was not found. Looked in: {string.Join(", ", SearchFolders())}. Reference TorchSharp-cpu "
                + "(or build with -p:TorchBackend=cuda) from the program that runs, then build again.");
        }

        try
        {
            foreach (var name in (string[])["libc10.so", "libc10_cuda.so", "libtorch_cpu.so", "libtorch_cuda.so", "libtorch.so"])
            {
                if (File.Exists(Path.Combine(folder, name)))
                {
                    NativeLibrary.Load(Path.Combine(folder, name));
                }
            }

            return LoadTorchSharp(folder);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException or IOException
            or UnauthorizedAccessException or KdException)
        {
            return new NativeStatus(folder, "", null, Explain(folder, error.Message));
        }
    }

    private static NativeStatus LoadTorchSharp(string folder)
    {
        // Published and package layouts keep TorchSharp's library beside libtorch; the package cache does not.
        var shipped = SearchFolders().Prepend(folder).Select(f => Path.Combine(f, TorchSharpLibrary)).First(File.Exists);
        try
        {
            var library = NativeLibrary.Load(shipped);
            return Serve(library, new NativeStatus(folder, shipped, null, null));
        }
        catch (DllNotFoundException error) when (MissingVersion().Match(error.Message) is { Success: true } match)
        {
            var version = match.Groups[1].Value;
            var mended = new ElfImage(File.ReadAllBytes(shipped)).WithWeakVersion(version)
                ?? throw new KdException(
                    $"{shipped} needs symbol version {version}, which this system lacks, and uses symbols of it");
            var copy = UserCache.Write("native", mended, TorchSharpLibrary);
            return Serve(NativeLibrary.Load(copy), new NativeStatus(folder, copy, version, null));
        }
    }

    // TorchSharp asks for its library by name; the loader's own search would find the copy that cannot be loaded.
    private static NativeStatus Serve(nint library, NativeStatus status)
    {
        AssemblyLoadContext.Default.ResolvingUnmanagedDll +=
            (_, name) => name.Contains("LibTorchSharp", StringComparison.Ordinal) ? library : 0;
        return status with
        {
            ScalarsAreSafe = LateScalars.TryBegin(library),
            CallsAreGuarded = NativeGuards.TryBegin(library),
        };
    }

    private static IEnumerable<string> SearchFolders()
    {
        var bases = ((string?)AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append(AppContext.BaseDirectory)
            .Append(Path.GetDirectoryName(typeof(NativeLibraries).Assembly.Location) ?? "")
            .Concat(PackageFolders.OfTorchSharp());
        return bases.Where(folder => folder.Length > 0)
            .SelectMany(folder => (string[])[folder, Path.Combine(folder, "runtimes", "linux-x64", "native")])
            .Select(folder => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))).Distinct();
    }

    private static string Explain(string folder, string reason) =>
        $"TorchSharp's native libraries in {folder} cannot be loaded: {reason.TrimEnd('.', '\n')}. "
        + "This needs 64-bit Linux with glibc 2.28 or newer and libstdc++ of GCC 12 or newer (Debian 12, Ubuntu 22.04 "
        + "or later), and a cache folder that can be written (XDG_CACHE_HOME, else ~/.cache). `kd doctor` shows more.";

    [GeneratedRegex(@"version [`'](GLIBCXX_[0-9.]+|CXXABI_[0-9.]+)' not found")]
    private static partial Regex MissingVersion();
}
