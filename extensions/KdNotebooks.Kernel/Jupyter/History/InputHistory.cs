using System.IO.Enumeration;
using KdNotebooks.Runtime;

namespace KdNotebooks.Kernel.Jupyter.History;

/// <summary>The cells that were run, in this session and in earlier ones.</summary>
internal sealed class InputHistory
{
    private readonly List<HistoryEntry> entries;
    private readonly HistoryFile file;

    public InputHistory(HistoryFile file)
    {
        this.file = file;
        entries = [.. file.Load()];
        Session = entries.Select(entry => entry.Session).DefaultIfEmpty().Max() + 1;
    }

    /// <summary>The number of this session.</summary>
    public int Session { get; }

    /// <summary>The user's history.</summary>
    public static InputHistory OfUser() =>
        new(new HistoryFile(Path.Combine(UserCache.Folder("jupyter"), "history.jsonl")));

    public void Add(int line, string input, string? output)
    {
        var entry = new HistoryEntry(Session, line, input, output);
        entries.Add(entry);
        file.Append(entry);
    }

    /// <summary>The last n cells, oldest first.</summary>
    public IEnumerable<HistoryEntry> Tail(int n) => entries.TakeLast(n);

    /// <summary>Cells of one session.</summary>
    /// <param name="session">Its number; 0 is this one, -1 the one before.</param>
    /// <param name="stop">The first line that is not meant; null takes all.</param>
    public IEnumerable<HistoryEntry> Range(int session, int start, int? stop)
    {
        var wanted = session > 0 ? session : Session + session;
        return entries.Where(entry =>
            entry.Session == wanted && entry.Line >= start && (stop is null || entry.Line < stop));
    }

    /// <summary>Cells that match a pattern with * and ?, oldest first.</summary>
    /// <param name="n">The last so many; null takes all.</param>
    /// <param name="unique">Of cells with the same text only the last.</param>
    public IEnumerable<HistoryEntry> Search(string pattern, int? n, bool unique)
    {
        var found = entries.Where(
            entry => FileSystemName.MatchesSimpleExpression(pattern, entry.Input, ignoreCase: false));
        if (unique)
        {
            found = found.GroupBy(entry => entry.Input).Select(same => same.Last())
                .OrderBy(entry => entry.Session).ThenBy(entry => entry.Line);
        }

        return n is { } most ? found.TakeLast(most) : found;
    }
}
