using KdNotebooks.Runtime;

namespace KdNotebooks.Kernel.Jupyter.Install;

/// <summary>The folder that makes the kernel known to Jupyter.</summary>
public static class KernelSpecFolder
{
    private static readonly string[] Logos = ["logo-32x32.png", "logo-64x64.png", "logo-svg.svg"];

    /// <summary>Writes the folder, whole or not at all, in place of an earlier one.</summary>
    /// <param name="kernels">See <see cref="JupyterPlace"/>.</param>
    /// <returns>The folder.</returns>
    /// <exception cref="KdException">It cannot be written.</exception>
    public static string Install(string kernels, string kernelJson)
    {
        var folder = Path.Combine(kernels, KernelSpec.Name);
        var beside = Path.Combine(kernels, $".{KernelSpec.Name}-{Path.GetRandomFileName()}");
        return Guarded(folder, () =>
        {
            try
            {
                Directory.CreateDirectory(beside);
                File.WriteAllText(Path.Combine(beside, "kernel.json"), kernelJson);
                foreach (var logo in Logos)
                {
                    WriteResource(logo, Path.Combine(beside, logo));
                }

                Replace(folder, beside);
            }
            finally
            {
                Remove(beside);
            }
        });
    }

    /// <summary>Removes the folder.</summary>
    /// <returns>The folder that was there.</returns>
    /// <exception cref="KdException">It is not there, or cannot be removed.</exception>
    public static string Uninstall(string kernels)
    {
        var folder = Path.Combine(kernels, KernelSpec.Name);
        if (!Directory.Exists(folder))
        {
            throw new KdException(
                $"The kernel is not installed in {folder}. 'jupyter kernelspec list' tells where it is; "
                + "--user, --prefix DIR and --sys-prefix choose the place.");
        }

        return Guarded(folder, () =>
        {
            var beside = Path.Combine(kernels, $".{KernelSpec.Name}-{Path.GetRandomFileName()}");
            Directory.Move(folder, beside);
            Remove(beside);
        });
    }

    private static void Replace(string folder, string beside)
    {
        var old = beside + "-old";
        if (Directory.Exists(folder))
        {
            Directory.Move(folder, old);
        }

        Directory.Move(beside, folder);
        Remove(old);
    }

    private static string Guarded(string folder, Action work)
    {
        try
        {
            work();
            return folder;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KdException(
                $"{folder} cannot be changed: {error.Message} Choose another place with --user or --prefix DIR.",
                error);
        }
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void WriteResource(string name, string path)
    {
        using var resource = typeof(KernelSpecFolder).Assembly
            .GetManifestResourceStream($"KdNotebooks.Kernel.Jupyter.{name}")!;
        using var file = File.Create(path);
        resource.CopyTo(file);
    }
}
