using System.ComponentModel;
using System.Diagnostics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Kernel.Jupyter.Install;

/// <summary>The folders in which Jupyter looks for kernels.</summary>
public static class JupyterPlace
{
    /// <summary>The user's: JUPYTER_DATA_DIR, else Jupyter's folder of the system.</summary>
    /// <param name="variable">How to read an environment variable.</param>
    public static string OfUser(Func<string, string?> variable)
    {
        if (variable("JUPYTER_DATA_DIR") is { Length: > 0 } own)
        {
            return Kernels(own);
        }

        if (OperatingSystem.IsWindows() && variable("APPDATA") is { Length: > 0 } roaming)
        {
            return Kernels(Path.Combine(roaming, "jupyter"));
        }

        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (OperatingSystem.IsMacOS())
        {
            return Kernels(Path.Combine(home, "Library", "Jupyter"));
        }

        var data = variable("XDG_DATA_HOME") is { Length: > 0 } xdg ? xdg : Path.Combine(home, ".local", "share");
        return Kernels(Path.Combine(data, "jupyter"));
    }

    /// <summary>Below a prefix, such as a virtual environment's folder.</summary>
    public static string OfPrefix(string prefix) => Kernels(Path.Combine(Path.GetFullPath(prefix), "share", "jupyter"));

    /// <summary>Below the prefix of the Python that is first on the path.</summary>
    /// <exception cref="KdException">There is no Python, or it does not say its prefix.</exception>
    public static string OfPython()
    {
        foreach (var python in new[] { "python3", "python" })
        {
            if (Ask(python) is { Length: > 0 } prefix)
            {
                return OfPrefix(prefix);
            }
        }

        throw new KdException(
            "--sys-prefix installs beside the Python on the PATH, but no 'python3' or 'python' there says its prefix. "
            + "Activate the environment that Jupyter is in, or name its folder with --prefix DIR.");
    }

    private static string Kernels(string data) => Path.Combine(data, "kernels");

    private static string? Ask(string python)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(python, ["-c", "import sys; print(sys.prefix)"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            var prefix = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? prefix : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
