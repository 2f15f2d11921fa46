using System.Diagnostics;
using FSharp.Compiler.Diagnostics;
using FSharp.Compiler.Interactive;
using KdNotebooks.Interactive;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Interactive.Magics;
using KdNotebooks.Interactive.Magics.Commands;
using KdNotebooks.Runtime;
using Microsoft.FSharp.Core;
using Outcome = Microsoft.FSharp.Core.FSharpChoice<
    Microsoft.FSharp.Core.FSharpOption<FSharp.Compiler.Interactive.Shell.FsiValue>?, System.Exception>;

namespace KdNotebooks.Kernel.Engine;

/// <summary>
/// F# Interactive within this process. Cells build on each other; each sees the assemblies of the host
/// (TorchSharp, KdNotebooks.*, Plotly.NET) and shares their types.
/// </summary>
/// <remarks>
/// A cell runs in a <see cref="HostContext"/> of its own, made of its caller's <see cref="RunContext.Current"/>. But
/// while it runs, <see cref="Console"/>'s writers are the engine's, for the whole process: one cell at a time in one
/// process, whatever the number of engines.
/// </remarks>
public sealed partial class FSharpEngine : IDisposable
{
    private static readonly SemaphoreSlim OneCell = new(1);

    private readonly EngineThread thread = new();
    private readonly CellErrors errors = new();
    private readonly ItBindings shown = new();
    private readonly MethodStyles styles = new();
    private Shell.FsiEvaluationSession? session;
    private SessionValues? values;
    private int evaluated;

    /// <summary>
    /// Begins to start a session, which takes about two seconds, and returns; the first cell waits for it.
    /// </summary>
    public FSharpEngine() => Ready = Task.Run(() => thread.Run(StartSession, CancellationToken.None));

    /// <summary>Ends when the session has started; fails where it cannot start.</summary>
    public Task Ready { get; }

    /// <summary>Evaluates a cell and waits for it. A failing cell is a result, not an exception.</summary>
    /// <param name="code">F# as it stands in the cell.</param>
    /// <param name="number">What error locations call this cell; the default is one more than the last.</param>
    /// <param name="events">Told of output as it comes.</param>
    /// <exception cref="KdException">The session could not start, or a cancelled cell still holds it.</exception>
    public CellResult Evaluate(
        string code, int? number = null, ICellEvents? events = null, CancellationToken cancellation = default)
    {
        if (thread.IsStuck)
        {
            throw new KdException(
                "The F# engine is still busy with a cell that could not be stopped (it is in native code). "
                + "Restart it.");
        }

        WaitForSession();
        evaluated = number ?? evaluated + 1;
        errors.Remember(evaluated, code);
        OneCell.Wait(CancellationToken.None);
        try
        {
            return Run(code, evaluated, new CellRecorder(events), cancellation);
        }
        finally
        {
            OneCell.Release();
        }
    }

    public void Dispose() => thread.Dispose();

    private CellResult Run(string code, int cell, CellRecorder recorder, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        CellError? error = null;
        bool ended;
        using (var scope = new CellScope(recorder, styles, cancellation))
        {
            var context = scope.Context;
            ended = thread.Run(() =>
            {
                using var flow = RunContext.Use(context); // the thread is no part of the caller's flow
                error = EvaluateCell(code, cell, recorder);
                shown.ForgetEarlier(session!);
            }, cancellation);
        }

        // A cell that was interrupted may end with whatever exception the interruption raised: not its own fault.
        var cancelled = !ended || (error is not null && cancellation.IsCancellationRequested);
        return new CellResult(recorder.Outputs(), cancelled ? null : error, cancelled, clock.Elapsed);
    }

    private CellError? EvaluateCell(string code, int cell, CellRecorder recorder)
    {
        try
        {
            return EvaluateParts(code, cell, recorder);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or ThreadInterruptedException))
        {
            // F# Interactive hands over what F# code throws; a magic command throws itself.
            return errors.Thrown(cell, exception);
        }
        finally
        {
            CellClock.Stop();
        }
    }

    private CellError? EvaluateParts(string code, int cell, CellRecorder recorder)
    {
        FSharpOption<Shell.FsiValue>? value = null;
        foreach (var part in CellText.Parts(code))
        {
            if (part.IsMagic)
            {
                RunMagic(part.Text);
                value = null;
                continue;
            }

            var (outcome, diagnostics) = session!.EvalInteractionNonThrowing(
                part.Text, CellErrors.FileName(cell), FSharpOption<CancellationToken>.None);
            foreach (var warning in diagnostics.Where(d => d.Severity.IsWarning))
            {
                recorder.Error.WriteLine(CellErrors.Warning(warning));
            }

            if (Failure(cell, outcome, diagnostics) is { } error)
            {
                return error;
            }

            value = ((Outcome.Choice1Of2)outcome).Item;
        }

        return ShowValue(cell, value?.Value, recorder);
    }

    // "#!fsharp" says in another host which language follows; here it is always this one.
    private void RunMagic(string line)
    {
        if (line != MagicCatalogue.Sign + "fsharp")
        {
            MagicLine.Run(line, values ??= new SessionValues(session!));
        }
    }

    // A directive that fails (#r, #load) reports an error and yet counts as evaluated: the diagnostics decide.
    private CellError? Failure(int cell, Outcome outcome, FSharpDiagnostic[] diagnostics) =>
        outcome switch
        {
            _ when diagnostics.Any(d => d.Severity.IsError) => errors.Compile(cell, diagnostics),
            Outcome.Choice2Of2 thrown => errors.Thrown(cell, thrown.Item),
            _ => null,
        };

    // Showing a value may run the cell's code (a sequence, a ToString): what it throws is the cell's error as any
    // other.
    private CellError? ShowValue(int cell, Shell.FsiValue? value, CellRecorder recorder)
    {
        if (value is null || value.ReflectionType == typeof(Unit))
        {
            return null;
        }

        try
        {
            recorder.ShowResult(ValueText.Format(session!, value));
            return null;
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or ThreadInterruptedException))
        {
            return errors.Thrown(cell, exception);
        }
    }

    private void StartSession()
    {
        // Values are printed by us, once; F# Interactive would compute every sequence a second time to print it.
        Shell.Settings.fsi.ShowDeclarationValues = false;
        Shell.Settings.fsi.ShowProperties = false;
        Shell.Settings.fsi.PrintWidth = 110;
        string[] options =
        [
            // The assemblies of this very runtime, and not an SDK's reference assemblies: beside these, types that the
            // runtime keeps elsewhere (Dictionary, Queue, ...) were not found, and a machine may have no SDK.
            "kd", "--usesdkrefs-", "--noninteractive", "--nologo", "--quiet", "--gui-", "--readline-", "--debug+",
            "--tailcalls-",
            .. EngineReferences.Arguments(),
        ];
        session = Shell.FsiEvaluationSession.Create(
            Shell.FsiEvaluationSession.GetDefaultConfiguration(), options, TextReader.Null, TextWriter.Null,
            TextWriter.Null, FSharpOption<bool>.None, null);
        session.EvalInteraction(Prelude.Code, FSharpOption<CancellationToken>.None);
    }

    private void WaitForSession()
    {
        try
        {
            Ready.GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is not KdException)
        {
            throw new KdException($"The F# engine could not start: {error.Message}", error);
        }
    }
}
