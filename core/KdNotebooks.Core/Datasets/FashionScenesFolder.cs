using System.Text.Json;
using KdNotebooks.Data;
using KdNotebooks.Data.Formats;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Datasets;

/// <summary>
/// Writes <see cref="FashionScenes"/> as a folder that is a copy of Cityscapes (<c>leftImg8bit</c>, <c>gtFine</c>) and
/// one of COCO (<c>images</c>, <c>annotations/instances_*.json</c>) at once, so that loaders of both are tried on it.
/// </summary>
public static class FashionScenesFolder
{
    private const string Note = "fashion-scenes.json";
    private const int SceneOfCity = 100;

    /// <summary>Makes the scenes and writes the folder beside its place; it stands there whole or not at all.</summary>
    /// <param name="folder">New, empty, or an earlier one of this kind, which is then replaced.</param>
    /// <param name="garments">The default value null means the mini set.</param>
    /// <param name="context">The default value null means the current one.</param>
    /// <returns>The scenes.</returns>
    /// <exception cref="KdException">The folder holds something else, or cannot be written.</exception>
    public static Dataset Write(
        string folder, FashionScenesOptions options, Dataset? garments = null, RunContext? context = null)
    {
        context ??= RunContext.Current;
        var place = Path.GetFullPath(folder);
        RequireOurs(place);
        var data = FashionScenes.Make(options, garments ?? FashionMnist.Mini(), context.Cancellation);
        return WholeFolder.Write(place, beside =>
        {
            Fill(beside, options, data, garments, context);
            return data;
        });
    }

    /// <summary>Whether a folder was written by <see cref="Write"/>.</summary>
    internal static bool Is(string folder) => File.Exists(Path.Combine(folder, Note));

    /// <summary>"scenes00/scenes00_000000_000012": as Cityscapes names city, sequence and frame.</summary>
    internal static string CityscapesName(int index)
    {
        var city = $"scenes{index / SceneOfCity:00}";
        return $"{city}/{city}_{index / SceneOfCity:000000}_{index % SceneOfCity:000000}";
    }

    private static void RequireOurs(string place)
    {
        if (File.Exists(place)
            || (Directory.Exists(place) && Directory.EnumerateFileSystemEntries(place).Any()
                && !File.Exists(Path.Combine(place, Note))))
        {
            throw new KdException(
                $"{place}: holds something other than fashion scenes. Name a folder that is new or empty, or one "
                + "of an earlier 'kd data make fashion-scenes', which is then replaced.");
        }
    }

    private static void Fill(
        string folder, FashionScenesOptions options, Dataset data, Dataset? garments, RunContext context)
    {
        (string Name, SampleSet? Set)[] splits = [("train", data.Train), ("val", data.Validation), ("test", data.Test)];
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        Directory.CreateDirectory(Path.Combine(folder, "annotations"));
        using var bar = context.Progress.Start("Writing scenes", splits.Sum(split => split.Set?.Count ?? 0), "scenes");
        var done = 0;
        foreach (var (name, set) in splits)
        {
            for (var i = 0; i < set?.Count; i++)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                WriteScene(folder, name, i, set.Load(i));
                bar.Report(++done);
            }

            if (set is not null)
            {
                CocoScenes.Of(set, LabelMapSet.TableOf(set), i => CocoName(name, i))
                    .Write(Path.Combine(folder, CocoCheck.FileOf(name)));
            }
        }

        WriteNote(Path.Combine(folder, Note), options, data, garments?.Name ?? FashionMnist.Mini().Name);
    }

    private static string CocoName(string split, int index) => $"{split}_{index:000000}.png";

    private static void WriteScene(string folder, string split, int index, Sample scene)
    {
        var name = CityscapesName(index);
        var image = Path.Combine(folder, "leftImg8bit", split, $"{name}_leftImg8bit.png");
        var labels = Path.Combine(folder, "gtFine", split, $"{name}_gtFine_labelIds.png");
        Directory.CreateDirectory(Path.GetDirectoryName(image)!);
        Directory.CreateDirectory(Path.GetDirectoryName(labels)!);
        PngWriter.WriteColor(image, scene.Pixels.Span, scene.Height, scene.Width);
        PngWriter.WriteGray(labels, LabelMap.Of(scene).Labels, scene.Height, scene.Width); // an id is its class: see the table
        File.Copy(image, Path.Combine(folder, "images", CocoName(split, index)));
    }

    private static void WriteNote(string path, FashionScenesOptions options, Dataset data, string garments)
    {
        using var stream = File.Create(path);
        JsonSerializer.Serialize(stream, new
        {
            about = "Scenes of Fashion-MNIST garments (MIT, Zalando SE), made by 'kd data make fashion-scenes'.",
            garments,
            train = options.Train,
            val = options.Validation,
            test = options.Test,
            size = options.Size,
            seed = options.Seed,
            fingerprint = data.Fingerprint,
        });
    }
}
