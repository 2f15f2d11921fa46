namespace KdNotebooks.Runtime;

/// <summary>Where long work reports how far it is. A console, a notebook and a test each implement it.</summary>
public interface IProgressReporter
{
    /// <summary>Opens one bar. Several may be open at once. Dispose the returned task to close the bar.</summary>
    /// <param name="title">What is being done, in a few words; plain text.</param>
    /// <param name="total">How many units make the whole; 0 where unknown.</param>
    /// <param name="unit">What is counted: "steps", "bytes", "images".</param>
    IProgressTask Start(string title, long total, string unit);
}

/// <summary>One bar. Calls are cheap: a reporter draws at most a few times a second.</summary>
public interface IProgressTask : IDisposable
{
    /// <summary>Sets how much is done, with a short note beside the bar (a loss, an accuracy).</summary>
    void Report(long done, string? note = null);
}

/// <summary>The reporter for who wants none.</summary>
public static class ProgressReporter
{
    /// <summary>Says nothing.</summary>
    public static IProgressReporter Silent { get; } = new SilentReporter();

    private sealed class SilentReporter : IProgressReporter, IProgressTask
    {
        public IProgressTask Start(string title, long total, string unit) => this;

        public void Report(long done, string? note = null) { }

        public void Dispose() { }
    }
}
