using KdNotebooks.Interactive;

namespace KdNotebooks.Kernel.Engine;

/// <summary>Something that a cell put out; a result keeps them in the order in which they came.</summary>
public abstract class CellOutput;

/// <summary>What was printed, neighbouring pieces of one stream joined.</summary>
public sealed class StreamOutput(string name, string text) : CellOutput
{
    public const string Standard = "stdout";
    public const string Error = "stderr";

    /// <summary>"stdout" or "stderr".</summary>
    public string Name { get; } = name;

    public string Text { get; } = text;
}

/// <summary>A value that was shown, in the form of its last update.</summary>
public sealed class DisplayOutput(string id, MimeBundle bundle, bool isResult) : CellOutput
{
    /// <summary>Unique within the process; an update names it.</summary>
    public string Id { get; } = id;

    public MimeBundle Bundle { get; internal set; } = bundle;

    /// <summary>Whether it is the value of the cell's last expression.</summary>
    public bool IsResult { get; } = isResult;
}
