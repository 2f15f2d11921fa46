using KdNotebooks.Aligners;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Runtime;

namespace KdNotebooks.Methods;

/// <summary>A named way to hold a student to a teacher, at whatever places a recipe connects.</summary>
/// <param name="Name">The word for it in a line, in F# and in tables: "at".</param>
/// <param name="Compares">Aligner and loss, as in the method's reference code.</param>
/// <param name="Usual">Null where no reference names a weight that is known to us.</param>
/// <param name="About">One sentence.</param>
public sealed record Method(string Name, IComparison Compares, UsualWeight? Usual, string About)
{
    /// <summary>
    /// A loss of maps as a method: one that takes any two maps needs no aligner, others keep the recipe's.
    /// </summary>
    public static Method Of(string name, IFeatureLoss loss) => new(
        name, new MapComparison(loss, loss.Fit == MapFit.Any ? new Identity() : null), null,
        loss.Fit == MapFit.Any ? "The loss alone, without an aligner." : "The loss through the recipe's aligners.");

    /// <summary>A loss of logits as a method.</summary>
    public static Method Of(string name, ILogitLoss loss) => new(
        name, new LogitComparison(loss), null, "The loss of logits alone.");

    /// <summary>This method at the places of a recipe; the losses and weights that it has there are not kept.</summary>
    /// <param name="places">Of the recipe; a warm-up of its maps is kept for maps.</param>
    /// <param name="weight">Beside the task loss.</param>
    /// <exception cref="KdException">The method compares maps, and there is no place for them.</exception>
    public Guidance At(Guidance places, double weight) => Compares.NeedsPlaces && Places.Of(places).Count == 0
        ? throw new KdException(
            $"Method '{Name}' compares maps, and the recipe says nowhere which; connect some: "
            + "connect \"layer3\" \"layer3\" (channelMlp 1).")
        : Compares.At(places, weight);

    /// <summary>The weight that its reference has.</summary>
    /// <exception cref="KdException">None is known.</exception>
    public double UsualOrFail() => Usual?.Value ?? throw new KdException(
        $"Method '{Name}' has no usual weight that is known; give it one, or have it measured (suggestAlpha, "
        + "kd-alpha).");
}
