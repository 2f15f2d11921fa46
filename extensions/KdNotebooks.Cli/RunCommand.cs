using System.CommandLine;
using KdNotebooks.Kernel;
using KdNotebooks.Kernel.Engine;
using KdNotebooks.Kernel.Notebooks;
using KdNotebooks.Runtime;

namespace KdNotebooks.Cli;

/// <summary><c>kd run</c>: executes a notebook and leaves it, its report and its results in a folder.</summary>
internal static class RunCommand
{
    public const string Name = "run";

    public const string Synopsis =
        "kd run NOTEBOOK [--preset smoke|quick|paper] [--set name=value ...] [--out DIR] "
        + "[--static-figures]; kd run --help tells more";

    public static Command Create(TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var notebook = new Argument<string>("NOTEBOOK") { Description = "The .ipynb to run. It is not changed." };
        var preset = new Option<string?>("--preset")
        {
            Description = "The size of the experiment: smoke, quick or paper. [default: what the notebook says]",
            HelpName = string.Join('|', Parameters.Presets),
        };
        var set = new Option<string[]>("--set")
        {
            Description = "Replaces parameters of the cell tagged 'parameters'. [default: what the notebook says]",
            HelpName = "name=value",
            AllowMultipleArgumentsPerToken = true,
        };
        var folder = new Option<string?>("--out")
        {
            Description = "The folder for the executed notebook, the report and results.json. "
                + "[default: artifacts/<notebook's name>]",
            HelpName = "DIR",
        };
        var pictures = new Option<bool>("--static-figures")
        {
            Description = "Gives every figure of the executed notebook a picture too, drawn by Chromium, so that code "
                + "hosts show it. [default: not]",
        };
        var command = new Command(Name, "Runs a notebook from top to bottom.")
        {
            notebook, preset, set, folder, pictures,
        };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(notebook), Overrides(parsed.GetValue(preset), parsed.GetValue(set) ?? []),
            parsed.GetValue(folder), parsed.GetValue(pictures), new RunConsole(output, error), cancellation));
        return command;
    }

    private static int Run(
        string path, Dictionary<string, string> overrides, string? folder, bool pictures, RunConsole console,
        CancellationToken cancellation)
    {
        if (pictures)
        {
            _ = StaticFiguresBrowser.Require(); // before the hours, not after them
        }

        var notebook = Notebook.Load(path);
        Parameters.Apply(notebook, overrides);
        var runner = new NotebookRunner(
            notebook, path, folder ?? Path.Combine("artifacts", Path.GetFileNameWithoutExtension(path)));

        // Not before: what is wrong with the command line is said at once, without a compiler being started for it.
        using var interrupt = new Interrupt(cancellation);
        StrayExceptions.Survive();
        using var engine = new FSharpEngine();
        using var progress = RunContext.Use(RunContext.Current with { Progress = console.Progress });
        var result = runner.Run(engine, console, interrupt.Token);
        if (pictures && result.Files.Count > 0)
        {
            StaticFigures.AddTo(result.Files[0]);
        }

        console.Conclude(path, result);
        return result.Succeeded ? KdCommand.Ok : result.Cancelled ? KdCommand.Interrupted : KdCommand.Failed;
    }

    private static Dictionary<string, string> Overrides(string? preset, string[] assignments)
    {
        var values = new Dictionary<string, string>();
        if (preset is not null)
        {
            values[Parameters.Preset] = preset;
        }

        foreach (var assignment in assignments)
        {
            var equals = assignment.IndexOf('=');
            if (equals <= 0)
            {
                throw new KdException(
                    $"--set takes name=value, but got '{assignment}'. The notebook's path goes before --set.");
            }

            var name = assignment[..equals].Trim();
            if (!values.TryAdd(name, assignment[(equals + 1)..]))
            {
                throw new KdException($"Parameter '{name}' is set twice; give it one value.");
            }
        }

        return values;
    }
}
