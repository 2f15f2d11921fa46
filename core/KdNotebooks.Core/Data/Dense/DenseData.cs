using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KdNotebooks.Runtime;

namespace KdNotebooks.Data.Dense;

/// <summary>The splits of a dataset of images with label maps, with what their pixels are normalised by.</summary>
/// <remarks>
/// Unlike <see cref="ImageData"/> the splits are handed in: datasets of this kind publish them apart. Test is null
/// where its labels are not published.
/// </remarks>
public sealed class DenseData
{
    /// <param name="mean">Of pixels / 255; red, green, blue.</param>
    /// <param name="std">Of pixels / 255; red, green, blue; each above 0.</param>
    /// <exception cref="KdException">Splits with other labels than train, or numbers that are no three.</exception>
    public DenseData(
        string name, DenseSet train, DenseSet validation, DenseSet? test, IReadOnlyList<float> mean,
        IReadOnlyList<float> std)
    {
        (Name, Train, Validation, Test, Mean, Std) = (name, train, validation, test, mean, std);
        if (new[] { validation, test }.Any(set => set is not null && set.Table != train.Table))
        {
            throw new KdException($"{name}: the splits have different label tables; expected one.");
        }

        if (mean.Count != 3 || std.Count != 3 || !std.All(value => value > 0))
        {
            throw new KdException(
                $"{name}: mean [{string.Join(", ", mean)}] and std [{string.Join(", ", std)}]; "
                + "expected three values each, std above 0.");
        }
    }

    /// <summary>Mean over ImageNet's training images, by which pretrained backbones expect their input.</summary>
    public static IReadOnlyList<float> ImageNetMean { get; } = [0.485f, 0.456f, 0.406f];

    /// <summary>Standard deviation over the same images.</summary>
    public static IReadOnlyList<float> ImageNetStd { get; } = [0.229f, 0.224f, 0.225f];

    public string Name { get; }

    public DenseSet Train { get; }

    public DenseSet Validation { get; }

    public DenseSet? Test { get; }

    public IReadOnlyList<float> Mean { get; }

    public IReadOnlyList<float> Std { get; }

    /// <summary>SHA-256 over the splits' fingerprints, mean and standard deviation, 64 lower-case hex digits.</summary>
    public string Fingerprint
    {
        get
        {
            var numbers = Mean.Concat(Std).Select(value => value.ToString("R", CultureInfo.InvariantCulture));
            string[] parts = [Train.Fingerprint, Validation.Fingerprint, Test?.Fingerprint ?? "", .. numbers];
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))));
        }
    }

    public override string ToString() => string.Join("; ", new[] { Train, Validation, Test }.OfType<DenseSet>());
}
