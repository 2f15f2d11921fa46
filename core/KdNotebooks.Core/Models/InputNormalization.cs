using System.Globalization;
using KdNotebooks.Runtime;

namespace KdNotebooks.Models;

/// <summary>What a network's images are normalized by: (pixels / 255 - mean) / std.</summary>
/// <param name="Mean">One value a channel.</param>
/// <param name="Std">One value a channel, each above 0.</param>
/// <exception cref="KdException">There are not as many of both, or a number is out of its range.</exception>
public sealed record InputNormalization(IReadOnlyList<double> Mean, IReadOnlyList<double> Std)
{
    /// <summary>That of the models that were trained on ImageNet with torchvision.</summary>
    public static InputNormalization ImageNet { get; } = new([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);

    public IReadOnlyList<double> Mean { get; init => field = Require("mean", value, double.IsFinite); } =
        Require("mean", Mean, double.IsFinite);

    public IReadOnlyList<double> Std { get; init => field = Require("std", value, IsScale); } = Require("std", Std, IsScale);

    // By content: a record compares its lists by reference.
    public bool Equals(InputNormalization? other) => other is not null && Mean.SequenceEqual(other.Mean)
        && Std.SequenceEqual(other.Std);

    public override int GetHashCode() => HashCode.Combine(Mean.Count, Mean[0], Std[0]);

    /// <summary>"mean 0.485 0.456 0.406, std 0.229 0.224 0.225".</summary>
    public override string ToString() => $"mean {Text(Mean)}, std {Text(Std)}";

    private static bool IsScale(double value) => value > 0 && double.IsFinite(value);

    private static IReadOnlyList<double> Require(string what, IReadOnlyList<double> values, Func<double, bool> sound) =>
        values is { Count: > 0 } && values.All(sound) ? values : throw new KdException(
            $"Normalization: {what} is [{Text(values ?? [])}]; expected one finite number a channel"
            + (what == "std" ? ", each above 0." : "."));

    private static string Text(IEnumerable<double> values) =>
        string.Join(' ', values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));
}
