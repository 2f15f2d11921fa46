namespace KdNotebooks.Results;

/// <summary>What one method came to over its seeds.</summary>
/// <param name="Runs">How many seeds.</param>
/// <param name="StandardDeviation">Sample standard deviation over seeds; NaN for one seed.</param>
/// <param name="Difference">Mean paired difference to the baseline, seed by seed; null for the baseline itself.</param>
/// <param name="Low">
/// Lower end of the difference's 95 % interval (Student's t); null for fewer than two pairs, or where a value is not
/// finite.
/// </param>
/// <param name="High">Upper end of that interval.</param>
/// <param name="Pairs">How many seeds the difference is over: those that the baseline has too.</param>
public sealed record ResultSummary(
    string Method, int Runs, double Mean, double StandardDeviation, double? Difference, double? Low, double? High,
    int Pairs = 0)
{
    /// <summary>Whether the interval is known and excludes zero.</summary>
    public bool ExcludesZero => Low > 0 || High < 0;
}
