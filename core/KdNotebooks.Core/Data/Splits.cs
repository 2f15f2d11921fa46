using System.Globalization;
using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>What datasets of every kind do alike with their splits.</summary>
internal static class Splits
{
    /// <summary>SHA-256 over the splits' fingerprints, mean and standard deviation, 64 lower-case hex digits.</summary>
    public static string Fingerprint(IEnumerable<string> splits, IReadOnlyList<float> mean, IReadOnlyList<float> std)
    {
        var numbers = mean.Concat(std).Select(value => value.ToString("R", CultureInfo.InvariantCulture));
        return Sha256.OfText(string.Join('\n', splits.Concat(numbers)));
    }

    public static KdException Unknown(string split) =>
        new($"Split '{split}' is not known; expected 'test', 'validation' or 'train'.");
}
