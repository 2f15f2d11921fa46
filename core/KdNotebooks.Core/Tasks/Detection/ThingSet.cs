using System.Globalization;
using System.Security.Cryptography;
using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tasks.Detection;

/// <summary>Color images with the things in them.</summary>
public abstract class ThingSet : SampleSet
{
    /// <param name="name">What an error calls the set: "coco val".</param>
    protected ThingSet(string name, IReadOnlyList<string> classNames, int count) : base(name, count) =>
        ClassNames = classNames;

    public override Type TargetType => typeof(Things);

    public override IReadOnlyList<string> ClassNames { get; }

    /// <summary>The number that a results file calls a class by; the default counts from 1.</summary>
    public virtual int CategoryOf(int @class) => @class + 1;

    /// <summary>The number that a results file calls an image by; the default counts from 1.</summary>
    public virtual long ImageIdOf(int index) => index + 1;

    /// <summary>What is in an image; the default loads the image. Called by several threads at once.</summary>
    public virtual Things ThingsOf(int index) => Things.Of(Load(index));

    /// <summary>
    /// The first annotation that has no mask; null (the default) where there is none, or it is not known before an image is
    /// loaded.
    /// </summary>
    public virtual long? WithoutMask => null;

    /// <summary>What should be known of the set before training, a sentence each; the default is nothing.</summary>
    public virtual IReadOnlyList<string> Remarks => [];

    /// <summary>The same of any set with things.</summary>
    internal static Things Of(SampleSet set, int index) =>
        set.Whole is ThingSet things ? things.ThingsOf(index) : Things.Of(set.Load(index));

    /// <summary>These samples, kept in memory; its fingerprint is over all their bytes.</summary>
    /// <exception cref="KdException">None, a sample without things, or a class that has no name.</exception>
    public static ThingSet Of(string name, IReadOnlyList<string> classNames, IReadOnlyList<Sample> samples) =>
        new InMemory(name, classNames, samples);

    private sealed class InMemory : ThingSet
    {
        private readonly IReadOnlyList<Sample> samples;
        private readonly Lazy<string> fingerprint;

        public InMemory(string name, IReadOnlyList<string> classNames, IReadOnlyList<Sample> samples)
            : base(name, classNames, samples.Count)
        {
            this.samples = samples;
            fingerprint = new Lazy<string>(Hash);
            OneSize = samples.All(sample => sample.Size == samples[0].Size) ? samples[0].Size : null;
            foreach (var sample in samples)
            {
                foreach (var thing in Things.Of(sample).All)
                {
                    if (thing.Class < 0 || thing.Class >= classNames.Count)
                    {
                        throw new KdException(
                            $"{sample.Name}: annotation {thing.Id} has class {thing.Class}; expected 0 to "
                            + $"{classNames.Count - 1}.");
                    }
                }
            }
        }

        public override string Fingerprint => fingerprint.Value;

        public override ImageSize? OneSize { get; }

        public override bool IsInMemory => true;

        public override long? WithoutMask => samples.SelectMany(sample => Things.Of(sample).All)
            .FirstOrDefault(thing => thing.Mask is null)?.Id;

        public override Sample Load(int index) => samples[index];

        private string Hash() => Sha256.OfText(string.Join('\n', samples.Select(sample => string.Create(
            CultureInfo.InvariantCulture,
            $"{sample.Size} {Convert.ToHexStringLower(SHA256.HashData(sample.Pixels.Span))} {string.Join(';', Things.Of(sample).All.Select(Text))}"))));

        private static string Text(Thing thing) => string.Create(
            CultureInfo.InvariantCulture,
            $"{thing.Class} {thing.Box.Left:R} {thing.Box.Top:R} {thing.Box.Width:R} {thing.Box.Height:R} {thing.Crowd} "
            + $"{thing.Area:R} {thing.Mask?.ToText()}");
    }
}
