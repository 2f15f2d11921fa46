namespace KdNotebooks.Results;

/// <summary>What one method came to over its seeds.</summary>
/// <param name="Runs">How many seeds.</param>
/// <param name="StandardDeviation">Sample standard deviation over seeds; NaN for one seed.</param>
/// <param name="Difference">Mean paired difference to the baseline, seed by seed; null for the baseline itself.</param>
/// <param name="Low">
/// Lower end of the difference's 95 % interval (Student's t), of this method alone; null for fewer than two pairs,
/// where a value is not finite, and where the differences have no spread.
/// </param>
/// <param name="High">Upper end of that interval.</param>
/// <param name="Pairs">How many seeds the difference is over: those that the baseline has too.</param>
/// <param name="SimultaneousLow">
/// Lower end of the interval that holds together with those of all methods of the family, at 95 % for all of them
/// (<see cref="StudentInterval"/>). What is claimed is claimed by this one.
/// </param>
/// <param name="SimultaneousHigh">Upper end of that interval.</param>
/// <param name="Family">
/// How many methods are compared with the baseline: those that share two seeds or more with it; 0 for the baseline.
/// </param>
/// <param name="Finding">What is claimed, or why nothing can be.</param>
public sealed record ResultSummary(
    string Method, int Runs, double Mean, double StandardDeviation, double? Difference, double? Low, double? High,
    int Pairs = 0, double? SimultaneousLow = null, double? SimultaneousHigh = null, int Family = 0,
    Finding Finding = Finding.NotCompared)
{
    /// <summary>Whether the simultaneous interval is known and excludes zero.</summary>
    public bool ExcludesZero => Finding is Finding.Higher or Finding.Lower;

    /// <summary>
    /// "higher; 2 of 3 seeds paired", "no spread between seeds: no interval"; "" where nothing is to be said.
    /// </summary>
    /// <param name="baseline">What the baseline is called.</param>
    public string Remark(string baseline)
    {
        var found = Finding switch
        {
            Finding.OneSeed => "one seed: no interval",
            Finding.NotFinite => "a value is not a finite number: no interval",
            Finding.Same => $"same values as {baseline}: no interval",
            Finding.NoSpread => "no spread between seeds: no interval",
            Finding.Higher => "higher",
            Finding.Lower => "lower",
            _ => "",
        };
        return string.Join("; ", new[] { found, Paired }.Where(words => words.Length > 0));
    }

    /// <summary>"2 of 3 seeds paired", or "" where all are, and for the baseline.</summary>
    internal string Paired => Finding != Finding.NotCompared && Pairs < Runs ? $"{Pairs} of {Runs} seeds paired" : "";
}
