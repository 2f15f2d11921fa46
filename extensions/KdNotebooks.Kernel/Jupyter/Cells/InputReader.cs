using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using KdNotebooks.Kernel.Jupyter.Wire;
using KdNotebooks.Runtime;

namespace KdNotebooks.Kernel.Jupyter.Cells;

/// <summary>Stands in for <see cref="Console.In"/> while a cell runs: a line is asked of the user.</summary>
internal sealed class InputReader(
    JupyterMessage request, Outlet outlet, BlockingCollection<string> answers, Action flush, CancellationToken stop)
    : TextReader
{
    private string line = "";
    private int next;

    public override string ReadLine()
    {
        if (next < line.Length)
        {
            var rest = line[next..].TrimEnd('\n');
            next = line.Length;
            return rest;
        }

        return Ask();
    }

    public override int Read()
    {
        Fill();
        return line[next++];
    }

    public override int Peek()
    {
        Fill();
        return line[next];
    }

    private void Fill()
    {
        if (next >= line.Length)
        {
            (line, next) = (Ask() + "\n", 0);
        }
    }

    private string Ask()
    {
        if (!request.Flag("allow_stdin", otherwise: false))
        {
            throw new KdException(
                "The cell reads from the keyboard, but this client cannot ask its user (it runs without one, or says "
                + "allow_stdin: false). Give the value in the cell: a parameter, a let.");
        }

        // What was printed before, a question without a line end above all, must be there first.
        Console.Out.Flush();
        flush();
        while (answers.TryTake(out _)) { }

        outlet.Reply(Channel.Stdin, request, "input_request", new JsonObject { ["prompt"] = "", ["password"] = false });
        return answers.Take(stop);
    }
}
