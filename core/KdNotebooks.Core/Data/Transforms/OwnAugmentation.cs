using System.Text.Json.Serialization;
using KdNotebooks.Parts;
using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>
/// A reader's function as an augmentation; in a recipe it stands under its name with its code's fingerprint.
/// </summary>
/// <param name="name">In recipes and errors: "darker".</param>
/// <param name="change">
/// From a sample and a draw to a sample of the same size: a function of the two alone, called by several threads at once.
/// </param>
/// <param name="views">The default value 0 means a new view every pass.</param>
/// <param name="seed">The default value null means the run's seed.</param>
public sealed class OwnAugmentation(string name, Func<Sample, Draw, Sample> change, int views = 0, int? seed = null)
    : IAugmentation, IOwnPart
{
    public string Name => name;

    public int Views => views;

    public int? Seed => seed;

    [JsonIgnore]
    public bool IsNone => false;

    public string Key => $"{name} {CodeFingerprint.Of(this)}";

    /// <exception cref="KdException">The function failed, or changed the size.</exception>
    public Sample Apply(Sample sample, Draw draw)
    {
        Sample changed;
        try
        {
            changed = change(sample, draw);
        }
        catch (Exception error) when (error is not (KdException or OperationCanceledException))
        {
            throw new KdException($"augmentation '{name}': {sample.Name}: {Failure.Line(error)}", error);
        }

        return (changed.Channels, changed.Size) == (sample.Channels, sample.Size) ? changed : throw new KdException(
            $"augmentation '{name}': {sample.Name} has {sample.Channels} x {sample.Size} pixels and came back with "
            + $"{changed.Channels} x {changed.Size}; expected the same size.");
    }
}
