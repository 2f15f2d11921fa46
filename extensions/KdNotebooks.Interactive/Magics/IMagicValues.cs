namespace KdNotebooks.Interactive.Magics;

/// <summary>The values that the cells of a notebook have named; each host looks them up in its own way.</summary>
public interface IMagicValues
{
    /// <summary>The names that cells have bound, the latest last.</summary>
    IReadOnlyList<string> Names { get; }

    /// <returns>Whether there is a value of that name; it may be null.</returns>
    bool TryGet(string name, out object? value);

    /// <summary>Names a value, so that later cells can use it; an earlier value of that name gives way.</summary>
    void Set(string name, object value);
}

/// <summary>No values: for a command line, where what a notebook names is a file.</summary>
public sealed class NoMagicValues : IMagicValues
{
    public IReadOnlyList<string> Names => [];

    public bool TryGet(string name, out object? value)
    {
        value = null;
        return false;
    }

    public void Set(string name, object value) { }
}
