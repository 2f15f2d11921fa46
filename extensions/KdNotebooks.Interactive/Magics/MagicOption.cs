namespace KdNotebooks.Interactive.Magics;

/// <summary>One option of a magic command; the <c>kd</c> command and .NET Interactive are told of it too.</summary>
/// <param name="Name">"--seeds".</param>
/// <param name="Help">What it decides, in a sentence.</param>
/// <param name="ValueName">What stands behind it in a synopsis: "N"; empty for a flag, which takes no value.</param>
public sealed record MagicOption(string Name, string Help, string ValueName = "")
{
    /// <summary>In words: what holds where it is left out. Empty where it is required.</summary>
    public string Default { get; init; } = "";

    public bool IsRequired { get; init; }

    /// <summary>Whether its value may stand right behind the command, without the name.</summary>
    public bool IsImplicit { get; init; }

    /// <summary>The words that it knows, for completion and help; empty where any text goes.</summary>
    public IReadOnlyList<string> Known
    {
        get => Words();
        init => Words = () => value;
    }

    /// <summary>The same where they may grow: the reader registers losses of their own.</summary>
    public Func<IReadOnlyList<string>> Words { get; init; } = () => [];

    /// <summary>What a value must be to be taken by <c>@name</c>; null where no value is taken.</summary>
    public Type? Takes { get; init; }

    public bool IsFlag => ValueName.Length == 0;

    /// <summary>"[--seeds N]", "DATASET".</summary>
    public string Synopsis
    {
        get
        {
            var text = IsImplicit ? ValueName : IsFlag ? Name : $"{Name} {ValueName}";
            return IsRequired ? text : $"[{text}]";
        }
    }
}
