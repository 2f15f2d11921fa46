using KdNotebooks.Runtime;
using Spectre.Console;

namespace KdNotebooks.Cli;

/// <summary>
/// Bars and text on one console without tearing each other: in a terminal, bars that move below the text; elsewhere
/// (a file, a build log) a plain line at the start, at about every quarter, and at the end of each bar.
/// </summary>
internal sealed class ConsoleProgress : IProgressReporter
{
    private readonly Lock gate = new();
    private readonly TextWriter output;
    private readonly BarArea? bars;
    private bool midLine;

    /// <param name="output">Standard output as it was before cells redirect it.</param>
    public ConsoleProgress(TextWriter output)
    {
        this.output = output;
        // A test's writer, or a redirected console, is no terminal.
        if (ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected)
        {
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
            bars = console.Profile.Capabilities.Ansi ? new BarArea(console) : null;
        }
    }

    public IProgressTask Start(string title, long total, string unit)
    {
        FinishLine();
        return bars is null ? new PlainBar(this, title, total, unit) : bars.Start(title, total, unit);
    }

    /// <summary>Writes text as it is; a line may come in pieces.</summary>
    public void Text(string text)
    {
        lock (gate)
        {
            if (text.Length == 0)
            {
                return;
            }

            midLine = text[^1] is not '\n';
            if (bars?.Above(text) is not true)
            {
                output.Write(text);
                output.Flush();
            }
        }
    }

    /// <summary>Writes a line of its own.</summary>
    public void Line(string text)
    {
        lock (gate)
        {
            FinishLine();
            Text(text + "\n");
        }
    }

    /// <summary>Ends a line that was begun.</summary>
    public void FinishLine()
    {
        lock (gate)
        {
            if (midLine)
            {
                Text("\n");
            }
        }
    }
}
