using System.Text.Json.Nodes;
using KdNotebooks.Kernel.Jupyter.Wire;

namespace KdNotebooks.Kernel.Jupyter;

/// <summary>Says "busy" before and "idle" after each request.</summary>
/// <remarks>
/// Clients show the last word. A request that is answered while a cell runs must therefore not have it: after its
/// "idle", the cell's "busy" is said again.
/// </remarks>
internal sealed class StatusLine(Outlet outlet)
{
    private readonly Lock gate = new();
    private JupyterMessage? cell;

    /// <summary>The request whose cell runs now.</summary>
    public JupyterMessage? Cell
    {
        get
        {
            lock (gate)
            {
                return cell;
            }
        }
    }

    public void Starting() => Say("starting", null);

    public void Busy(JupyterMessage request, bool runsCell)
    {
        lock (gate)
        {
            cell = runsCell ? request : cell;
            Say("busy", request);
        }
    }

    public void Idle(JupyterMessage request)
    {
        lock (gate)
        {
            cell = ReferenceEquals(cell, request) ? null : cell;
            Say("idle", request);
            if (cell is not null)
            {
                Say("busy", cell);
            }
        }
    }

    private void Say(string state, JupyterMessage? request) =>
        outlet.Publish("status", request, new JsonObject { ["execution_state"] = state });
}
