using System.Text.Json.Nodes;
using KdNotebooks.Kernel.Engine;
using KdNotebooks.Runtime;

namespace KdNotebooks.Kernel.Jupyter.Cells;

/// <summary>Why a cell failed, in the protocol's words.</summary>
internal sealed record ReplyError(string Name, string Message, IReadOnlyList<string> Traceback)
{
    private const string Stopped = "The cell was interrupted. What earlier cells made is still there.";

    /// <summary>Null where the cell succeeded.</summary>
    public static ReplyError? Of(CellResult result) => result switch
    {
        { Cancelled: true } => new("Interrupted", Stopped, [$"Interrupted: {Stopped}"]),
        { Error: { } error } => new(error.Name, error.Message, error.Traceback()),
        _ => null,
    };

    public static ReplyError Of(KdException error) =>
        new(nameof(KdException), error.Message, [$"{nameof(KdException)}: {error.Message}"]);

    public JsonObject Content() => new()
    {
        ["ename"] = Name,
        ["evalue"] = Message,
        ["traceback"] = new JsonArray([.. Traceback.Select(line => JsonValue.Create(line))]),
    };
}
