using System.Text;
using KdNotebooks.Kernel.Engine;

namespace KdNotebooks.Kernel.Jupyter.Cells;

/// <summary>
/// Joins what is printed within a twentieth of a second into one message: servers drop what comes in more than a
/// thousand messages a second, and a loop that prints makes more.
/// </summary>
internal sealed class StreamBuffer : IDisposable
{
    private const int Delay = 50; // milliseconds
    private const int MostHeld = 65_536; // characters

    private readonly Lock gate = new();
    private readonly StringBuilder held = new();
    private readonly Action<string, string> pass;
    private readonly Timer timer;
    private string name = StreamOutput.Standard;

    /// <param name="pass">Gets the stream's name and its text; one call at a time, in the order of the text.</param>
    public StreamBuffer(Action<string, string> pass)
    {
        this.pass = pass;
        timer = new Timer(_ => Flush());
    }

    public void Add(string stream, string text)
    {
        lock (gate)
        {
            if (stream != name)
            {
                Flush();
                name = stream;
            }

            if (held.Length == 0)
            {
                timer.Change(Delay, Timeout.Infinite);
            }

            held.Append(text);
            if (held.Length > MostHeld)
            {
                Flush();
            }
        }
    }

    /// <summary>Passes on what is held: call it before anything that comes after the text.</summary>
    public void Flush()
    {
        lock (gate)
        {
            if (held.Length > 0)
            {
                pass(name, held.ToString());
                held.Clear();
            }
        }
    }

    public void Dispose()
    {
        timer.Dispose();
        Flush();
    }
}
