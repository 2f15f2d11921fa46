namespace KdNotebooks.Data;

/// <summary>Which files a <see cref="ContentIndex"/> reads, and of which it believes what it has noted.</summary>
public enum Rehash
{
    /// <summary>
    /// Those that are new, or that the file system says have changed: a second look at a folder reads nothing.
    /// </summary>
    Changed,

    /// <summary>Those too that this process has not read itself yet.</summary>
    Unread,

    /// <summary>Every one.</summary>
    All,
}
