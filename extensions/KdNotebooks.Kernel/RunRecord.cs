using System.Globalization;
using System.Text.Json.Nodes;
using KdNotebooks.Kernel.Engine;
using KdNotebooks.Kernel.Notebooks;

namespace KdNotebooks.Kernel;

/// <summary>What the executed notebook's metadata says about the run.</summary>
/// <remarks>
/// "papermill" has the keys of the tool of that name, and a cell's "execution" those of JupyterLab, because viewers and
/// our report read them; "kd" is ours.
/// </remarks>
internal static class RunRecord
{
    public static void Cell(NotebookCell cell, DateTime started, TimeSpan elapsed)
    {
        cell.Metadata["execution"] = new JsonObject
        {
            ["iopub.execute_input"] = Iso(started),
            ["shell.execute_reply"] = Iso(started + elapsed),
        };
        NotebookCell.ObjectAt(cell.Metadata, "kd")["seconds"] = Seconds(elapsed);
    }

    /// <param name="status">"running", "succeeded", "failed" or "cancelled".</param>
    public static void Run(Notebook notebook, string status, DateTime started, TimeSpan elapsed)
    {
        var own = NotebookCell.ObjectAt(notebook.Metadata, "kd");
        own["status"] = status;
        own["seconds"] = Seconds(elapsed);
        notebook.Metadata["papermill"] = new JsonObject
        {
            ["start_time"] = Iso(started),
            ["end_time"] = Iso(started + elapsed),
            ["duration"] = Seconds(elapsed),
            ["exception"] = status == "failed",
            ["parameters"] = own["parameters"]?.DeepClone() ?? new JsonObject(),
        };
    }

    /// <summary>The word for how a run ended.</summary>
    public static string Status(CellResult? last, bool complete) =>
        last?.Error is not null ? "failed" : last?.Cancelled == true || !complete ? "cancelled" : "succeeded";

    private static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 3);

    private static string Iso(DateTime time) =>
        time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
