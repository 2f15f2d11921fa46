using System.Text.Json.Serialization;
using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>
/// Several augmentations, one behind the other, each with random numbers of its own. Views and seed are the chain's;
/// those of its steps are not looked at.
/// </summary>
/// <param name="Steps">At least one, the first first.</param>
/// <param name="Views">The default value 0 means a new view every pass.</param>
/// <param name="Seed">The default value null means the run's seed.</param>
public sealed record Chain(IReadOnlyList<IAugmentation> Steps, int Views = 0, int? Seed = null) : IPictureAugmentation
{
    public IReadOnlyList<IAugmentation> Steps { get; init => field = RequireSteps(value); } = RequireSteps(Steps);

    public int Views { get; init => field = Transforms.RequireViews(nameof(Chain), value); } =
        Transforms.RequireViews(nameof(Chain), Views);

    [JsonIgnore]
    public bool IsNone => Steps.All(step => step.IsNone);

    [JsonIgnore]
    public string Key => string.Join("; then ", Steps.Select(step => step.Key));

    public ImageSize? SizeOf(ImageSize? image) => Steps.Aggregate(image, (size, step) => step.SizeOf(size));

    public void RequireSound()
    {
        foreach (var step in Steps)
        {
            step.RequireSound();
        }

        // It is given whole batches: a step behind it would be before it.
        if (Steps.SkipWhile(step => step is not IBatchAugmentation).Skip(1).FirstOrDefault() is { } behind)
        {
            throw new KdException(
                $"Chain: {behind.GetType().Name} comes behind a step that mixes batches; expected that one last, once.");
        }
    }

    bool IPictureAugmentation.TakesPictures => Steps[0] is IPictureAugmentation { TakesPictures: true };

    Sample IPictureAugmentation.Apply(PictureSample sample, Draw draw) =>
        Apply(((IPictureAugmentation)Steps[0]).Apply(sample, draw.Step(0)), draw, from: 1);

    public Sample Apply(Sample sample, Draw draw) => Apply(sample, draw, from: 0);

    private Sample Apply(Sample sample, Draw draw, int from)
    {
        for (var i = from; i < Steps.Count; i++)
        {
            sample = Steps[i].IsNone ? sample : Steps[i].Apply(sample, draw.Step(i));
        }

        return sample;
    }

    // By content: a record compares its lists by reference.
    public bool Equals(Chain? other) =>
        other is not null && Steps.SequenceEqual(other.Steps) && (Views, Seed) == (other.Views, other.Seed);

    public override int GetHashCode() => HashCode.Combine(Steps.Count, Views, Seed);

    private static IReadOnlyList<IAugmentation> RequireSteps(IReadOnlyList<IAugmentation> steps) =>
        steps is { Count: > 0 } ? steps : throw new KdException("Chain: no step came; expected at least one augmentation.");
}

/// <summary>What augmentations check alike.</summary>
internal static class Transforms
{
    public static int RequireViews(string name, int value) => value >= 0 ? value : throw new KdException(
        $"{name}: {value} views came; expected 0 (a new one every epoch) or more.");
}
