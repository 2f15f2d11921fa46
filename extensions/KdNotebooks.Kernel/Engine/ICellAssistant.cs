using KdNotebooks.Interactive;

namespace KdNotebooks.Kernel.Engine;

/// <summary>
/// Helps who is typing a cell. Several are asked in order; what is none of one's business it leaves to the next.
/// </summary>
public interface ICellAssistant
{
    /// <summary>What could stand at the cursor; null where this assistant does not know.</summary>
    /// <param name="cursor">0 to the code's length, in UTF-16 units, as .NET counts.</param>
    Completions? Complete(string code, int cursor);

    /// <summary>What stands at the cursor; null where this assistant does not know.</summary>
    MimeBundle? Inspect(string code, int cursor);
}

/// <summary>What could replace a part of the code.</summary>
/// <param name="Start">Where that part begins, in UTF-16 units.</param>
/// <param name="End">The first unit after it: the cursor.</param>
/// <param name="Items">The likeliest first.</param>
public sealed record Completions(int Start, int End, IReadOnlyList<Completion> Items);

/// <param name="Text">As it stands in the code.</param>
/// <param name="Kind">One word for a reader: "method", "module", "keyword".</param>
public sealed record Completion(string Text, string Kind);
