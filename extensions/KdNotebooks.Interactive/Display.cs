namespace KdNotebooks.Interactive;

/// <summary>What a host (our kernel, the headless runner, .NET Interactive, a test) gives us to show with.</summary>
public interface IDisplayHost
{
    /// <summary>Shows a display below the running cell and returns a handle that replaces it.</summary>
    IShownDisplay Show(MimeBundle bundle);
}

/// <summary>A display that was shown and can be replaced in place.</summary>
public interface IShownDisplay
{
    void Update(MimeBundle bundle);
}

/// <summary>Shows values from within a cell.</summary>
public static class Display
{
    private static long count;

    /// <summary>The host of this process; set once when it starts. The default drops what it is shown.</summary>
    public static IDisplayHost Host { get; set; } = new NoHost();

    /// <summary>How many values were shown: whether anything came between two moments.</summary>
    internal static long Count => Interlocked.Read(ref count);

    /// <summary>Formats a value and shows it below the running cell.</summary>
    public static IShownDisplay Show(object? value)
    {
        Interlocked.Increment(ref count);
        return Host.Show(Formatters.Format(value));
    }

    private sealed class NoHost : IDisplayHost, IShownDisplay
    {
        public IShownDisplay Show(MimeBundle bundle) => this;

        public void Update(MimeBundle bundle) { }
    }
}
