namespace KdNotebooks.Parts;

/// <summary>
/// A part of a recipe that is made of a reader's function: it has a name, and no JSON rebuilds it. What the function is
/// lies in its fields, where <see cref="CodeFingerprint"/> finds it.
/// </summary>
public interface IOwnPart
{
    /// <summary>What recipes, tables and commands call it.</summary>
    string Name { get; }
}
