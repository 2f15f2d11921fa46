namespace KdNotebooks.Interactive.Magics;

/// <summary>
/// A command of one line: <c>#!kd-ablate --aligner none,mlp1</c> in a cell, <c>kd ablate --aligner none,mlp1</c> on the
/// command line. Both are read into the same request.
/// </summary>
public abstract class MagicCommand
{
    /// <summary>Names what came out, for later cells.</summary>
    public static MagicOption As { get; } =
        new("--as", "Names what comes out, for later cells and commands.", "NAME") { Default = "it is only shown" };

    /// <summary>Without the sign: "kd-ablate".</summary>
    public abstract string Name { get; }

    /// <summary>What it does, in a sentence.</summary>
    public abstract string Summary { get; }

    /// <summary>In the order in which help lists them; <see cref="As"/> is not among them.</summary>
    public virtual IReadOnlyList<MagicOption> Options => [];

    /// <summary>One line that works, without the sign.</summary>
    public abstract string Example { get; }

    /// <summary>Whether something comes out that <see cref="As"/> can name.</summary>
    public virtual bool HasResult => true;

    /// <summary>Whether <c>kd</c> has it too, without the "kd-".</summary>
    public virtual bool OnCommandLine => true;

    /// <summary>All options, <see cref="As"/> among them where something comes out.</summary>
    public IReadOnlyList<MagicOption> AllOptions => HasResult ? [.. Options, As] : Options;

    /// <summary>Reads the line and does it. What is worth seeing has been shown when it returns.</summary>
    /// <returns>What came out; null where nothing does.</returns>
    /// <exception cref="Runtime.KdException">The line cannot be read, or the work fails.</exception>
    public abstract object? Invoke(MagicArguments arguments);
}

/// <summary>A command with what its lines are read into.</summary>
/// <typeparam name="TRequest">A record of what to do, with every choice made.</typeparam>
public abstract class MagicCommand<TRequest> : MagicCommand where TRequest : notnull
{
    /// <exception cref="Runtime.KdException">A choice is missing or wrong.</exception>
    public abstract TRequest Read(MagicArguments arguments);

    public abstract object? Run(TRequest request);

    public sealed override object? Invoke(MagicArguments arguments) => Run(Read(arguments));
}
