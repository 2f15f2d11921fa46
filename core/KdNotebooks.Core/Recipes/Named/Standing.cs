namespace KdNotebooks.Recipes;

/// <summary>How well founded a field of a <see cref="NamedRecipe"/> is; docs/method.md has the marks.</summary>
public enum Standing
{
    /// <summary>[C]: read in the source that is named.</summary>
    Confirmed,

    /// <summary>[D]: by arithmetic from confirmed numbers.</summary>
    Derived,

    /// <summary>[U] of what is reproduced; the value is that of the template protocol, where it was read.</summary>
    Template,

    /// <summary>[U]: no source says it; the value is this project's choice.</summary>
    Ours,
}

/// <summary>Whence a field of a recipe has its value.</summary>
/// <param name="Field">
/// Its place in the recipe's JSON: "optimizer.learningRate"; "connections[*].alpha" is that of each connection.
/// </param>
/// <param name="Value">As in the recipe's JSON; where connections have several, all of them.</param>
/// <param name="Source">Where it was read, or why it is so.</param>
public sealed record FieldStanding(string Field, string Value, Standing Standing, string Source);

/// <summary>A number that somebody published: it stands beside what is measured here, in a column of its own.</summary>
/// <param name="What">"box mAP, val2017".</param>
/// <param name="Value">In the unit in which it was published, percent or points.</param>
public sealed record PublishedNumber(string What, double Value, string Source)
{
    /// <summary>Whether it is the student's without a teacher, as "..., the student alone" says.</summary>
    internal bool IsAlone => What.EndsWith("alone", StringComparison.Ordinal);
}
