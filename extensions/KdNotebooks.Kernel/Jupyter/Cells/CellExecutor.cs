using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using KdNotebooks.Interactive;
using KdNotebooks.Kernel.Engine;
using KdNotebooks.Kernel.Jupyter.History;
using KdNotebooks.Kernel.Jupyter.Wire;
using KdNotebooks.Runtime;

namespace KdNotebooks.Kernel.Jupyter.Cells;

/// <summary>Answers execute_request: one cell at a time.</summary>
internal sealed class CellExecutor(FSharpEngine engine, Outlet outlet, StatusLine status, InputHistory history)
{
    private readonly Lock gate = new();
    private readonly PlotlyCarrier plotly = new(outlet);
    private readonly BlockingCollection<string> answers = [];
    private CancellationTokenSource? running;

    /// <summary>How many cells of this session were counted.</summary>
    public int Count { get; private set; }

    /// <summary>The user's answer to a cell that reads.</summary>
    public void Answer(string line) => answers.Add(line);

    /// <summary>Stops the cell that runs, if one does; returns at once.</summary>
    public void Interrupt()
    {
        lock (gate)
        {
            running?.Cancel();
        }
    }

    /// <summary>Runs the cell and returns the reply's content.</summary>
    public JsonObject Execute(JupyterMessage request)
    {
        var silent = request.Flag("silent", otherwise: false);
        var stored = !silent && request.Flag("store_history", otherwise: true);
        var code = request.Text("code");
        Count += stored ? 1 : 0;
        if (!silent)
        {
            outlet.Publish("execute_input", request, new JsonObject { ["code"] = code, ["execution_count"] = Count });
        }

        using var publisher = new CellPublisher(request, Count, outlet, status, plotly);
        var reply = Interruptible(request, publisher, stop =>
        {
            var result = engine.Evaluate(code, stored ? Count : null, silent ? null : publisher, stop);
            Store(stored, code, result);
            return ReplyError.Of(result) is { } error
                ? Failure(error, request, publisher, silent)
                : new JsonObject
                {
                    ["status"] = "ok",
                    ["user_expressions"] = UserExpressions.Evaluate(request, engine, stop),
                };
        }, wrong => Failure(ReplyError.Of(wrong), request, publisher, silent));
        reply["execution_count"] = Count;
        reply["payload"] = new JsonArray();
        return reply;
    }

    private JsonObject Interruptible(
        JupyterMessage request, CellPublisher publisher, Func<CancellationToken, JsonObject> work,
        Func<KdException, JsonObject> refused)
    {
        using var stop = new CancellationTokenSource();
        SetRunning(stop);
        var keyboard = Console.In;
        Console.SetIn(new InputReader(request, outlet, answers, publisher.Flush, stop.Token));
        try
        {
            return work(stop.Token);
        }
        catch (KdException wrong)
        {
            return refused(wrong);
        }
        finally
        {
            Console.SetIn(keyboard);
            SetRunning(null);
        }
    }

    private JsonObject Failure(ReplyError error, JupyterMessage request, CellPublisher publisher, bool silent)
    {
        if (!silent)
        {
            publisher.Flush();
            outlet.Publish("error", request, error.Content());
        }

        var reply = error.Content();
        reply["status"] = "error";
        reply["user_expressions"] = new JsonObject();
        return reply;
    }

    private void Store(bool stored, string code, CellResult result)
    {
        if (stored)
        {
            var value = result.Outputs.OfType<DisplayOutput>().LastOrDefault(output => output.IsResult);
            history.Add(Count, code, value?.Bundle.Data.GetValueOrDefault(MimeBundle.Text));
        }
    }

    private void SetRunning(CancellationTokenSource? source)
    {
        lock (gate)
        {
            running = source;
        }
    }
}
