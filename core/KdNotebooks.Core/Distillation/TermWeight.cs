using System.Globalization;
using KdNotebooks.Runtime;

namespace KdNotebooks.Distillation;

/// <summary>The weights that a loss's terms may have.</summary>
/// <remarks>
/// Checked where a weight is written down, so that no way to a run goes past it: a recipe in JSON, F# words, a command.
/// </remarks>
internal static class TermWeight
{
    /// <summary>
    /// Beside a task of weight 1, about one over float32's rounding (2^23): a term that needs more to be felt is made
    /// of what was rounded off.
    /// </summary>
    public const double Most = 1e7;

    /// <summary>
    /// Above this a weight is said before training: three times the largest that a reference has (30000, PKT's).
    /// </summary>
    public const double Usual = 1e5;

    /// <param name="owner">Whose weight it is: "Connection from student 'layer3' to teacher 'layer3'".</param>
    /// <param name="word">What it is called there: "alpha".</param>
    /// <exception cref="KdException">It is negative, not a number, or larger than <see cref="Most"/>.</exception>
    public static double Require(string owner, string word, double value) =>
        value is >= 0 and <= Most ? value : throw new KdException(
            $"{owner}: {word} is {Text(value)}; expected a number from 0 (off) to 1e7"
            + (value < 0 ? ", for a negative weight pushes the student away from what it shall learn."
                : value > Most ? ", for what float32 rounds off would weigh as much as the task; scale the loss itself."
                : "."));

    /// <exception cref="KdException">It is negative.</exception>
    public static int RequireEpochs(string owner, int value) => value >= 0 ? value : throw new KdException(
        $"{owner}: the warm-up is {value} epochs; expected 0 (none) or more.");

    /// <summary>What is to be said of it before training; null where nothing is.</summary>
    public static string? Note(string term, double value) => value > Usual
        ? $"{term} weighs {Text(value)}, more than 1e5; the largest weight of a reference is 30000. Have it measured "
            + "(suggestAlpha, kd-alpha)."
        : null;

    private static string Text(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
