namespace KdNotebooks.Runtime;

/// <summary>
/// An error that its reader can mend: the message says what was expected, what came, and what to do.
/// Hosts show the message alone, without a stack trace.
/// </summary>
public class KdException : Exception
{
    public KdException(string message) : base(message) { }

    public KdException(string message, Exception inner) : base(message, inner) { }
}
