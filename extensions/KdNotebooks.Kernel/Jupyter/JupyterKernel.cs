using System.Text.Json.Nodes;
using KdNotebooks.Kernel.Engine;
using KdNotebooks.Kernel.Jupyter.Answers;
using KdNotebooks.Kernel.Jupyter.Cells;
using KdNotebooks.Kernel.Jupyter.History;
using KdNotebooks.Kernel.Jupyter.Wire;
using KdNotebooks.Runtime;
using NetMQ;

namespace KdNotebooks.Kernel.Jupyter;

/// <summary>Serves an engine to the clients of one connection file: Jupyter's messaging protocol 5.3.</summary>
/// <remarks>
/// Cells and what concerns them are answered one at a time in order, on one thread; on a second thread what must not
/// wait for a cell: interrupt, shutdown, everything on the control channel, and what an editor asks while a cell runs.
/// Left out on purpose: the debugger, subshells, and comms (nothing here speaks them: an opened one is closed).
/// </remarks>
public sealed class JupyterKernel : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly MessageSigner signer;
    private readonly TextWriter log;
    private readonly JupyterSockets sockets;
    private readonly Outlet outlet;
    private readonly StatusLine status;
    private readonly CellExecutor cells;
    private readonly AssistAnswers assist;
    private readonly Completeness completeness;
    private readonly InputHistory history = InputHistory.OfUser();
    private readonly RequestQueue shell;
    private readonly RequestQueue control;
    private readonly ManualResetEventSlim ended = new();
    private long abortBefore;
    private long rejected;

    /// <summary>Binds the sockets; the first request is answered from <see cref="Run"/> on.</summary>
    /// <param name="log">Where it says what went wrong; no cell writes there.</param>
    /// <exception cref="KdException">An address cannot be bound.</exception>
    public JupyterKernel(ConnectionFile connection, FSharpEngine engine, TextWriter log)
    {
        this.log = log;
        signer = new MessageSigner(connection.Key);
        sockets = new JupyterSockets(connection, Receive);
        outlet = new Outlet(signer, sockets.Send);
        status = new StatusLine(outlet);
        cells = new CellExecutor(engine, outlet, status, history);
        // What knows magic commands goes before F#, to which they are comments.
        assist = new AssistAnswers([new MagicAssistant(engine), new FSharpAssistant(engine)]);
        completeness = new Completeness(engine);
        shell = new RequestQueue("Jupyter shell", Handle);
        control = new RequestQueue("Jupyter control", Handle);
    }

    /// <summary>How many messages were dropped: a wrong signature, a replayed one, or no message at all.</summary>
    public long Rejected => Interlocked.Read(ref rejected);

    /// <summary>Serves until a client asks for the end, or <see cref="Stop"/> is called.</summary>
    public void Run()
    {
        sockets.Start();
        status.Starting();
        ended.Wait();
        cells.Interrupt();
        shell.WaitUntilIdle(Patience);
        sockets.Stop();
    }

    /// <summary>Stops the cell that runs, as the client's interrupt does.</summary>
    public void Interrupt() => cells.Interrupt();

    public void Stop() => ended.Set();

    /// <summary>
    /// Waits, for at most a second, until the process's disposed kernels have sent their last words; none can be made
    /// after it.
    /// </summary>
    public static void WaitUntilSent() => NetMQConfig.Cleanup(block: true);

    public void Dispose()
    {
        shell.Dispose();
        control.Dispose();
        sockets.Dispose();
        ended.Dispose();
    }

    private void Receive(Channel channel, IReadOnlyList<byte[]> frames)
    {
        try
        {
            Route(new Request(channel, JupyterMessage.Read(frames, signer)));
        }
        catch (Exception wrong) when (wrong is KdException or ArgumentException)
        {
            log.WriteLine($"kd: message {Interlocked.Increment(ref rejected)} dropped: {wrong.Message}");
        }
    }

    private void Route(Request request)
    {
        if (request.Channel == Channel.Stdin)
        {
            cells.Answer(request.Message.Text("value"));
            return;
        }

        var waits = request.Message.Type switch
        {
            "execute_request" => true,
            "interrupt_request" or "shutdown_request" => false,
            // Asked by a page that is opened, or typed into, while a cell runs.
            "complete_request" or "inspect_request" or "kernel_info_request" or "comm_info_request" => !shell.IsBusy,
            _ => request.Channel == Channel.Shell,
        };
        (waits ? shell : control).Add(request);
    }

    private void Handle(Request request, long number)
    {
        var message = request.Message;
        status.Busy(message, runsCell: message.Type == "execute_request");
        try
        {
            if (Answer(message, number) is { } reply)
            {
                outlet.Reply(request.Channel, message, message.Type.Replace("_request", "_reply"), reply);
            }
        }
        catch (Exception error)
        {
            log.WriteLine($"kd: {message.Type} failed: {error}");
            outlet.Reply(request.Channel, message, message.Type.Replace("_request", "_reply"), Failed(error));
        }

        status.Idle(message);
        if (message.Type == "shutdown_request")
        {
            Stop();
        }
    }

    private JsonObject? Answer(JupyterMessage request, long number) => request.Type switch
    {
        "execute_request" => Execute(request, number),
        "complete_request" => assist.Complete(request),
        "inspect_request" => assist.Inspect(request),
        "is_complete_request" => CompletenessAnswer.Of(completeness, request),
        "history_request" => HistoryAnswer.Of(history, request),
        "kernel_info_request" => KernelInfo.Of(),
        "comm_info_request" => new JsonObject { ["status"] = "ok", ["comms"] = new JsonObject() },
        "comm_open" => CloseComm(request),
        "interrupt_request" => Interrupted(),
        "shutdown_request" => Shutdown(request),
        _ => null,
    };

    private JsonObject Execute(JupyterMessage request, long number)
    {
        if (number < abortBefore)
        {
            return new JsonObject { ["status"] = "aborted", ["execution_count"] = cells.Count };
        }

        var reply = cells.Execute(request);
        if ((string?)reply["status"] == "error" && request.Flag("stop_on_error", otherwise: true))
        {
            abortBefore = shell.Added;
        }

        return reply;
    }

    private JsonObject Interrupted()
    {
        cells.Interrupt();
        return new JsonObject { ["status"] = "ok" };
    }

    private JsonObject Shutdown(JupyterMessage request)
    {
        var reply = new JsonObject { ["status"] = "ok", ["restart"] = request.Flag("restart", otherwise: false) };
        outlet.Publish("shutdown_reply", request, (JsonObject)reply.DeepClone());
        return reply;
    }

    private JsonObject? CloseComm(JupyterMessage request)
    {
        outlet.Publish("comm_close", request, new JsonObject
        {
            ["comm_id"] = request.Text("comm_id"),
            ["data"] = new JsonObject(),
        });
        return null;
    }

    private static JsonObject Failed(Exception error) => new()
    {
        ["status"] = "error",
        ["ename"] = error.GetType().Name,
        ["evalue"] = error.Message,
        ["traceback"] = new JsonArray(error.Message),
    };
}
