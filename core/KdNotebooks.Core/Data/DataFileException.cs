using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>A file of a dataset is missing or wrong; the message names the file, the reason and what to do.</summary>
public sealed class DataFileException : KdException
{
    /// <param name="file">The file's path.</param>
    /// <param name="reason">What is wrong, as the end of a sentence.</param>
    /// <param name="mend">What to do, as a sentence.</param>
    public DataFileException(string file, string reason, string mend, Exception? inner = null)
        : base($"{file}: {reason}. {mend}", inner!)
    {
        (File, Reason) = (file, reason);
    }

    /// <summary>The file's path.</summary>
    public string File { get; }

    /// <summary>What is wrong, without the file's name and the remedy.</summary>
    public string Reason { get; }
}
