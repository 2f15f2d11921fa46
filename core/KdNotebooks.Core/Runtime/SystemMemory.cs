using System.Globalization;

namespace KdNotebooks.Runtime;

/// <summary>How much memory there is for more.</summary>
internal static class SystemMemory
{
    /// <summary>
    /// Bytes that can be taken without swapping: of the machine, or of the container where that has a limit.
    /// </summary>
    public static long Free()
    {
        var limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var ours = limit > 0 ? Math.Max(0, limit - Environment.WorkingSet) : long.MaxValue;
        return Math.Min(ours, OfLinux() ?? long.MaxValue);
    }

    /// <summary>"12.3 GB", "840 MB".</summary>
    public static string Text(long bytes) => bytes < 1_000_000_000
        ? FormattableString.Invariant($"{bytes / 1e6:0} MB")
        : FormattableString.Invariant($"{bytes / 1e9:0.0} GB");

    // The kernel's own estimate: free pages, and those of files that it can do without.
    private static long? OfLinux()
    {
        const string Name = "MemAvailable:";
        try
        {
            var line = OperatingSystem.IsLinux()
                ? File.ReadLines("/proc/meminfo").FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal))
                : null;
            var number = line?[Name.Length..].Replace("kB", "", StringComparison.Ordinal);
            return long.TryParse(number, CultureInfo.InvariantCulture, out var kibibytes) ? 1024 * kibibytes : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
