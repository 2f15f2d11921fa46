using KdNotebooks.Kernel.Jupyter;

namespace KdNotebooks.Extensions.Tests.Kernel.Jupyter;

public sealed class StatusLineTests
{
    [Fact]
    public void A_request_answered_while_a_cell_runs_does_not_make_the_kernel_look_idle()
    {
        var sent = new Sent();
        var status = new StatusLine(sent.Outlet);
        var (cell, aside) = (Sent.Request("cell"), Sent.Request("aside", "complete_request"));
        status.Busy(cell, runsCell: true);
        status.Busy(aside, runsCell: false);
        status.Idle(aside);
        Assert.Same(cell, status.Cell);
        status.Idle(cell);
        Assert.Null(status.Cell);
        Assert.Equal(["busy cell", "busy aside", "idle aside", "busy cell", "idle cell"], sent.States);
    }
}
