namespace KdNotebooks.Kernel.Jupyter.Wire;

/// <summary>The ways between client and kernel that carry messages; the heartbeat carries none.</summary>
internal enum Channel
{
    /// <summary>Requests, one at a time in order.</summary>
    Shell,

    /// <summary>Requests that are answered while a cell runs.</summary>
    Control,

    /// <summary>The kernel asks, the user answers.</summary>
    Stdin,

    /// <summary>What every client sees.</summary>
    IoPub,
}
