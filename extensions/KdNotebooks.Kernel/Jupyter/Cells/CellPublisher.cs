using System.Text.Json.Nodes;
using KdNotebooks.Kernel.Engine;
using KdNotebooks.Kernel.Jupyter.Wire;

namespace KdNotebooks.Kernel.Jupyter.Cells;

/// <summary>Sends what one cell puts out to every client as it comes.</summary>
internal sealed class CellPublisher : ICellEvents, IDisposable
{
    private readonly JupyterMessage request;
    private readonly int executionCount;
    private readonly Outlet outlet;
    private readonly StatusLine status;
    private readonly PlotlyCarrier plotly;
    private readonly StreamBuffer stream;

    public CellPublisher(
        JupyterMessage request, int executionCount, Outlet outlet, StatusLine status, PlotlyCarrier plotly)
    {
        (this.request, this.executionCount) = (request, executionCount);
        (this.outlet, this.status, this.plotly) = (outlet, status, plotly);
        stream = new StreamBuffer((name, text) =>
            outlet.Publish("stream", request, new JsonObject { ["name"] = name, ["text"] = text }));
    }

    public void Printed(string name, string text) => stream.Add(name, text);

    public void Shown(DisplayOutput output)
    {
        stream.Flush();
        plotly.Before(output.Bundle, request);
        if (output.IsResult)
        {
            outlet.Publish("execute_result", request, DisplayContent.Result(output.Bundle, executionCount));
        }
        else
        {
            outlet.Publish("display_data", request, DisplayContent.Of(output.Bundle, output.Id));
        }
    }

    // A client takes messages of the cell that runs now; the display may be an earlier cell's.
    public void Updated(DisplayOutput output)
    {
        stream.Flush();
        var cell = status.Cell ?? request;
        plotly.Before(output.Bundle, cell);
        outlet.Publish("update_display_data", cell, DisplayContent.Of(output.Bundle, output.Id));
    }

    /// <summary>Sends on at once what was printed.</summary>
    public void Flush() => stream.Flush();

    /// <summary>The cell has ended.</summary>
    public void Dispose()
    {
        stream.Dispose();
        plotly.Empty(request);
    }
}
