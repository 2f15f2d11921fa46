using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;

namespace KdNotebooks.Guests.MultiLabel;

/// <summary>Two real garments side by side, each at half its size: an image shows one class or two.</summary>
public sealed class GarmentRows : SampleSet
{
    private const int Side = 14, Across = 2;
    private const ulong Tag = 0x52_4F_57_53;

    private readonly ImageSet garments;
    private readonly ulong seed;

    private GarmentRows(SampleSet garments, int count) : base($"rows of {garments.Name}", count) =>
        (this.garments, seed) = (ImageSet.Of(garments), (ulong)count);

    public override int Channels => 1;

    public override IReadOnlyList<string> ClassNames => garments.ClassNames;

    public override string Fingerprint => Sha256.OfText($"garment rows {garments.Fingerprint} {Count}");

    public override ImageSize? OneSize => new ImageSize(Side, Across * Side);

    public override bool IsInMemory => true;

    /// <summary>Rows of the embedded images: train, validation and test share no garment.</summary>
    public static Dataset Make(int train, int validation, int test)
    {
        var mini = FashionMnist.Mini();
        return new Dataset(
            "garment-rows", new GarmentRows(mini.Train, train), new GarmentRows(mini.Validation, validation),
            new GarmentRows(mini.Test!, test), mini.Mean, mini.Std);
    }

    public override Sample Load(int index)
    {
        var random = RandomStream.Of(Tag, seed, (ulong)index);
        var (pixels, classes) = (new byte[Side * Across * Side], new SortedSet<int>());
        for (var place = 0; place < Across; place++)
        {
            var garment = random.NextInt(garments.Count);
            classes.Add(garments.Labels.Span[garment]);
            Half(garments.Image(garment), pixels, place * Side);
        }

        return new Sample(
            $"{Name} {index}", 1, new ImageSize(Side, Across * Side), pixels,
            new LabelSet([.. classes], ClassNames.Count));
    }

    private static void Half(ReadOnlySpan<byte> image, Span<byte> row, int left)
    {
        for (var i = 0; i < Side * Side; i++)
        {
            var (y, x) = (i / Side, i % Side);
            row[(y * Across * Side) + left + x] = image[(2 * y * 2 * Side) + (2 * x)];
        }
    }
}
