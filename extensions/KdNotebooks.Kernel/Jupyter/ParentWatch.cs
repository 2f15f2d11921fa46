using System.Diagnostics;

namespace KdNotebooks.Kernel.Jupyter;

/// <summary>Ends a kernel whose Jupyter has died: nobody could reach it any more, nor stop it.</summary>
public static class ParentWatch
{
    /// <summary>Jupyter's process, which it tells its kernels.</summary>
    public const string Variable = "JPY_PARENT_PID";

    /// <summary>
    /// Watches from now on, where there is a parent to watch. Windows passes a handle, which is not watched.
    /// </summary>
    /// <param name="parent">The variable's value.</param>
    /// <param name="died">Called once, from another thread.</param>
    public static void Start(string? parent, Action died)
    {
        // Process 1 outlives us.
        if (!OperatingSystem.IsWindows() && int.TryParse(parent, out var id) && id > 1)
        {
            _ = Watch(id, died);
        }
    }

    private static async Task Watch(int id, Action died)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            await process.WaitForExitAsync();
        }
        catch (ArgumentException)
        {
            // It is gone already.
        }

        died();
    }
}
