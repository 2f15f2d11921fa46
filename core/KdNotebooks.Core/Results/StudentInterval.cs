using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;

namespace KdNotebooks.Results;

/// <summary>95 % intervals of means by Student's t: each alone, or a family of them that hold together.</summary>
/// <remarks>
/// Those of a family are Bonferroni's (Dunn, Multiple Comparisons Among Means, 1961): each misses with 5 % / family, so
/// that the chance that any of them misses is at most 5 %, however they depend on one another and whatever the
/// variance and the number of seeds of each. Dunnett's are narrower, but ask for one variance of all methods.
/// </remarks>
public static class StudentInterval
{
    private const double Miss = 0.05;

    // A spread below some units in the last place of single precision is rounding and no spread.
    private const double Rounding = 4.0 / (1 << 23);

    /// <summary>Half of the interval around the mean of some values.</summary>
    /// <param name="values">One a seed.</param>
    /// <param name="largest">
    /// The largest number, by its amount, that the values were computed from: their rounding is measured by it.
    /// </param>
    /// <param name="family">How many intervals hold together; the default is one alone.</param>
    /// <returns>Null for fewer than two values, a value that is not finite, or no spread.</returns>
    public static double? Half(IReadOnlyCollection<double> values, double largest, int family = 1)
    {
        if (!HasSpread(values, largest))
        {
            return null;
        }

        var half = Quantile(values.Count - 1, family) * values.StandardDeviation() / Math.Sqrt(values.Count);
        return double.IsFinite(half) ? half : null;
    }

    /// <summary>Whether two values or more differ by more than rounding.</summary>
    /// <param name="largest">As for <see cref="Half"/>.</param>
    public static bool HasSpread(IReadOnlyCollection<double> values, double largest) =>
        values.Count > 1 && values.StandardDeviation() > Rounding * Math.Abs(largest);

    /// <summary>How many standard errors an interval reaches to either side.</summary>
    /// <param name="freedom">Degrees of freedom: values less one.</param>
    /// <param name="family">How many intervals hold together.</param>
    public static double Quantile(int freedom, int family = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(freedom, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(family, 1);
        var below = 1 - (Miss / family / 2);
        // MathNet looks for Student's quantile between -800 and 800; with one degree of freedom it is Cauchy's, and far
        // out.
        return freedom == 1 ? Cauchy.InvCDF(0, 1, below) : StudentT.InvCDF(0, 1, freedom, below);
    }

    /// <summary>Says which interval of a table is which.</summary>
    /// <param name="family">How many are compared.</param>
    /// <param name="one">What is compared: "method", "class".</param>
    /// <param name="all">Several of them: "methods".</param>
    public static string Legend(int family, string one = "method", string all = "methods") => family switch
    {
        < 1 => "",
        1 => $"One {one} is compared: alone and simultaneous are the same.",
        _ => $"95 % interval: each {one} alone (Student's t).\nSimultaneous: all {family} {all} hold together with "
            + "95 % (Bonferroni); higher and lower go by these.",
    };
}
