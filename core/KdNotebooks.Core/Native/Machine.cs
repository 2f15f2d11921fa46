using System.Runtime.InteropServices;

namespace KdNotebooks.Native;

/// <summary>
/// What a run's numbers are rounded by, beside its recipe. Libtorch, oneDNN and MKL cut a sum into as many parts as
/// there are threads, and choose their kernels by the processor: floating-point addition in another order gives other
/// last bits, and training makes as much of them as of another seed. On one machine two runs give the same bits.
/// </summary>
/// <remarks>
/// Results that do not depend on it are not to be had: the libraries offer no such mode for what a training step calls.
/// Threads between operators (<c>interop</c>) only run whole operators side by side, and round nothing.
/// </remarks>
/// <param name="Device">"cpu", or "cuda", of which the rest says nothing and no bits are promised.</param>
/// <param name="Threads">Within one operator, of the calling thread: OMP_NUM_THREADS, or torch.set_num_threads.</param>
/// <param name="Processor">The model's name as the system has it; "unknown" where it has none.</param>
/// <param name="Instructions">
/// The sets that the libraries choose kernels by, and what the environment forbids or asks of them: "fma avx2 avx512f",
/// "fma avx2 ONEDNN_MAX_CPU_ISA=AVX2".
/// </param>
public sealed record Machine(string Device, int Threads, string Processor, string Instructions)
{
    /// <summary>What stands for a run that does not say.</summary>
    public const string Unknown = "unknown";

    private const string CpuInfo = "/proc/cpuinfo";

    private static readonly string[] Sets =
    [
        "sse4_2", "fma", "avx2", "avx512f", "avx512bw", "avx512_vnni", "avx512_bf16", "avx512_fp16", "avx_vnni",
        "amx_bf16", "amx_int8", "asimd", "asimdhp", "asimddp", "bf16", "i8mm", "sve", "sve2",
    ];

    // By which users choose other kernels, another precision, or fewer threads than they are told.
    private static readonly string[] Settings =
    [
        "ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "ONEDNN_DEFAULT_FPMATH_MODE",
        "DNNL_DEFAULT_FPMATH_MODE", "MKL_CBWR", "MKL_ENABLE_INSTRUCTIONS", "MKL_DYNAMIC", "OMP_DYNAMIC",
        "OMP_THREAD_LIMIT",
    ];

    private static readonly Lazy<(string Processor, string Sets)> Silicon = new(ReadSilicon);

    /// <summary>The machine as it is now, for work that the calling thread starts.</summary>
    public static Machine Current(torch.Device device)
    {
        NativeLibraries.EnsureLoaded();
        return new Machine(
            device.type.ToString().ToLowerInvariant(), torch.get_num_threads(), Silicon.Value.Processor,
            string.Join(' ', Asked().Prepend(Silicon.Value.Sets).Where(part => part.Length > 0)));
    }

    /// <summary>"2 threads of AMD EPYC (fma avx2 avx512f)"; "cuda".</summary>
    public override string ToString() => Device == "cpu"
        ? $"{Threads} thread{(Threads == 1 ? "" : "s")} of {Processor} ({Instructions})"
        : Device;

    private static IEnumerable<string> Asked() => Settings
        .Select(name => (Name: name, Value: Environment.GetEnvironmentVariable(name)))
        .Where(setting => !string.IsNullOrEmpty(setting.Value)).Select(setting => $"{setting.Name}={setting.Value}");

    private static (string Processor, string Sets) ReadSilicon()
    {
        var lines = Lines();
        var flags = (Value("flags") ?? Value("Features") ?? "").Split(' ').ToHashSet();
        // Processors of ARM have no name there, but numbers.
        var name = Value("model name")
            ?? (Value("CPU part") is { } part ? $"{Value("CPU implementer")} {part}" : Unknown);
        return ($"{name} {RuntimeInformation.ProcessArchitecture}", string.Join(' ', Sets.Where(flags.Contains)));

        string? Value(string key) => lines.FirstOrDefault(line => line.Split(':')[0].Trim() == key) is { } line
            ? line[(line.IndexOf(':') + 1)..].Trim()
            : null;
    }

    private static string[] Lines()
    {
        try
        {
            return File.Exists(CpuInfo) ? File.ReadAllLines(CpuInfo) : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
