namespace KdNotebooks.Invariants;

/// <summary>What came out for a claim.</summary>
public enum Verdict
{
    /// <summary>True in every case that was tried.</summary>
    Held,

    /// <summary>False in at least one case.</summary>
    Broken,

    /// <summary>Neither: most cases could not be used, so that nothing can be said.</summary>
    NotTested,
}

/// <summary>One claim and what its cases said.</summary>
/// <param name="Claim">A single flag.</param>
/// <param name="Cases">How many cases were tried, up to the one that broke it; discarded ones are not counted.</param>
/// <param name="Message">
/// What was expected and what came, for a broken claim; why there is no verdict, for one that was not tested; else
/// empty.
/// </param>
/// <param name="Counterexample">
/// The smallest inputs that were found to break it, each under its name; else empty.
/// </param>
public sealed record ClaimResult(
    Claim Claim, Verdict Verdict, int Cases, string Message, IReadOnlyList<SmallTensor> Counterexample)
{
    public bool Held => Verdict == Verdict.Held;

    /// <summary>"held", "BROKEN", "not tested".</summary>
    public string Word => Verdict switch
    {
        Verdict.Held => "held",
        Verdict.Broken => "BROKEN",
        _ => "not tested",
    };
}
