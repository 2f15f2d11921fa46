using KdNotebooks.Runtime;

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
    private static readonly NoHost Nowhere = new();

    /// <summary>That of the current <see cref="HostContext"/>; without one it drops what it is shown.</summary>
    public static IDisplayHost Host => Current?.Host ?? Nowhere;

    internal static long Count => Current?.Count ?? 0;

    private static HostContext? Current => RunContext.Current as HostContext;

    /// <summary>Formats a value and shows it below the running cell.</summary>
    public static IShownDisplay Show(object? value) => Current?.Show(value) ?? Nowhere;

    private sealed class NoHost : IDisplayHost, IShownDisplay
    {
        public IShownDisplay Show(MimeBundle bundle) => this;

        public void Update(MimeBundle bundle) { }
    }
}
