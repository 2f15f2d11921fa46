using System.Runtime.CompilerServices;
using KdNotebooks.Data;
using KdNotebooks.Masks;
using KdNotebooks.Tasks.Detection;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Datasets;

/// <summary>
/// The scenes of <see cref="FashionScenes"/> with what is in them as boxes and masks: ten classes of garments. It stands in
/// for COCO where that is too large.
/// </summary>
public static class FashionThings
{
    // As long as the scenes are kept, so are the things in them: a recipe's data is opened many times.
    private static readonly ConditionalWeakTable<Dataset, Dataset> Kept = [];

    /// <summary>Scenes of the garments of the mini set, in memory; made at the first call, then kept.</summary>
    /// <param name="options">The default value null means <see cref="FashionScenesOptions"/>' defaults.</param>
    public static Dataset Make(FashionScenesOptions? options = null) =>
        Of(FashionScenes.Make(options));

    /// <summary>Scenes with label maps as scenes with things.</summary>
    public static Dataset Of(Dataset scenes) => Kept.GetValue(scenes, static scenes => new Dataset(
        "fashion-things", Split("train", scenes.Train), Split("val", scenes.Validation),
        scenes.Test is { } test ? Split("test", test) : null, scenes.Mean, scenes.Std));

    private static ThingSet Split(string name, SampleSet scenes)
    {
        // Ids count over the whole split, as in the annotations that FashionScenesFolder writes.
        var (samples, id) = (new List<Sample>(scenes.Count), 0L);
        for (var i = 0; i < scenes.Count; i++)
        {
            var scene = scenes.Load(i);
            samples.Add(Things.Sample(
                $"fashion-things {name} {i}", scene.Size, scene.Pixels,
                [.. LabelMap.Of(scene).Things.Select(thing => new Thing(
                    thing.Class - 1,
                    new ImageBox(thing.Box.Left, thing.Box.Top, thing.Box.Width, thing.Box.Height),
                    RunLength.OfBitmap(thing.Mask, scene.Height, scene.Width), Id: ++id))]));
        }

        return ThingSet.Of($"fashion-things {name}", FashionMnist.ClassNames, samples);
    }
}
