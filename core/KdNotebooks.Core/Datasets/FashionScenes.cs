using System.Collections.Concurrent;
using KdNotebooks.Data;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Datasets;

/// <summary>
/// Scenes of several real Fashion-MNIST garments, scaled, turned, colored and partly hidden by one another, on
/// textured canvases, with boxes, instance masks and label maps. It stands in for Cityscapes and COCO where these are
/// too large, and is written in their layouts by <see cref="FashionScenesFolder"/>.
/// </summary>
/// <remarks>
/// A split's scenes hold garments of the same split of Fashion-MNIST alone. Background is class 0, a class like any
/// other, which is predicted and counted; a garment's class is its Fashion-MNIST class plus 1, in label maps as in COCO
/// annotations, which keep 0 for background too.
/// </remarks>
public static class FashionScenes
{
    // Keeps these numbers apart from those that other code draws from the same seed.
    private const ulong Tag = 0x53_43_45_4E;

    private static readonly ConcurrentDictionary<FashionScenesOptions, Lazy<Dataset>> Kept = new();

    /// <summary>Background and the ten garments; ids are classes.</summary>
    public static LabelTable Table { get; } = new(
        "FashionScenes",
        [
            new LabelRow(0, "background", 0, 0x1B1F24),
            .. FashionMnist.ClassNames.Zip(Colors, (name, color) => (name, color))
                .Select((entry, i) => new LabelRow((byte)LabelOf(i), entry.name, LabelOf(i), entry.color)),
        ]);

    /// <summary>Mean of pixels / 255 over the default training scenes; the same for all options.</summary>
    public static IReadOnlyList<float> Mean { get; } = [0.394f, 0.395f, 0.398f];

    /// <summary>Standard deviation of pixels / 255 over the same.</summary>
    public static IReadOnlyList<float> Std { get; } = [0.167f, 0.166f, 0.167f];

    // Told apart by people who see red and green alike, too (Paul Tol's muted scheme and two more).
    private static IReadOnlyList<int> Colors =>
    [
        0xCC6677, 0x88CCEE, 0xDDCC77, 0x117733, 0x6699CC, 0xAA4499, 0x44AA99, 0x999933, 0xEE8866, 0xF2F2F2,
    ];

    /// <summary>Scenes of the garments of the mini set, in memory; made at the first call, then kept.</summary>
    /// <param name="options">The default value null means <see cref="FashionScenesOptions"/>' defaults.</param>
    public static Dataset Make(FashionScenesOptions? options = null) => Kept.GetOrAdd(
        options ?? new FashionScenesOptions(), static key => new(() => Make(key, FashionMnist.Mini()))).Value;

    /// <summary>Scenes of the garments of another set, in memory. Two cores make some 300 of 96x96 a second.</summary>
    /// <param name="garments">Square gray images in ten classes, each in every split.</param>
    /// <param name="cancel">The default value is never cancelled.</param>
    /// <exception cref="KdException">Images of another kind.</exception>
    public static Dataset Make(
        FashionScenesOptions options, Dataset garments, CancellationToken cancel = default) => new(
        "fashion-scenes",
        Split("train", 1, options.Train, options, ImageSet.Of(garments.Train), cancel)!,
        Split("val", 2, options.Validation, options, ImageSet.Of(garments.Validation), cancel)!,
        Split("test", 3, options.Test, options, ImageSet.Of(garments.Test!), cancel),
        Mean,
        Std);

    /// <summary>The class of a garment in label maps and annotations.</summary>
    internal static int LabelOf(int fashionClass) => fashionClass + 1;

    private static LabelMapSet? Split(
        string split, ulong tag, int count, FashionScenesOptions options, ImageSet garments, CancellationToken cancel)
    {
        if (garments.Channels != 1 || garments.Height != garments.Width || garments.ClassNames.Count != 10)
        {
            throw new KdException($"FashionScenes: {garments}; expected square gray images in 10 classes.");
        }

        var byClass = Enumerable.Range(0, 10).Select(c => Enumerable.Range(0, garments.Count)
            .Where(i => garments.Labels.Span[i] == c).ToArray()).ToArray();
        if (Array.FindIndex(byClass, indices => indices.Length == 0) is var none and >= 0)
        {
            throw new KdException(
                $"FashionScenes: {garments.Name} has no image of class {none}; expected at least one.");
        }

        // Each scene is a function of its number, and has its place: threads change nothing.
        var scenes = new Sample[count];
        Parallel.For(0, count, new ParallelOptions { CancellationToken = cancel }, i =>
        {
            var dice = new Dice(RandomStream.Of(Tag, (ulong)options.Seed, tag, (ulong)options.Size, (ulong)i));
            scenes[i] = new ScenePainter(dice, options.Size, garments, byClass).Paint($"fashion-scenes {split} {i}");
        });
        return count == 0 ? null : LabelMapSet.Of($"fashion-scenes {split}", Table, scenes);
    }
}
