namespace KdNotebooks.Runtime;

/// <summary>The token that long work uses where it is given none; a host sets it while a cell runs.</summary>
public static class Cancellation
{
    /// <summary>The default value is a token that is never cancelled.</summary>
    public static CancellationToken Current { get; set; }
}
