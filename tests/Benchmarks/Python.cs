using System.Diagnostics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Benchmarks;

/// <summary>Runs a reference script, in a process of its own.</summary>
internal static class Python
{
    /// <param name="package">Debian's package that the script needs.</param>
    /// <returns>What it printed.</returns>
    public static string Run(string script, string package, int threads, int rounds)
    {
        var python = Environment.GetEnvironmentVariable("KD_PYTHON") ?? "/usr/bin/python3";
        var path = Path.Combine(AppContext.BaseDirectory, script);
        using var process = Process.Start(new ProcessStartInfo(python, [path, $"{threads}", $"{rounds}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new KdException(
                $"{python} {path} failed: {error.Result.Trim()} The ratios need {package}: on Debian, apt install "
                + $"{package}; elsewhere set KD_PYTHON to a python that has the same.");
    }
}
