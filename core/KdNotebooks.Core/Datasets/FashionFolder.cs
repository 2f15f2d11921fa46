using System.Globalization;
using System.Text.Json;
using KdNotebooks.Data;
using KdNotebooks.Data.Formats;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;

namespace KdNotebooks.Datasets;

/// <summary>How many images of each split are written, and how large.</summary>
/// <param name="Train">The default value null means all.</param>
/// <param name="Validation">The default value null means all.</param>
/// <param name="Test">The default value null means all; 0 writes no folder test.</param>
/// <param name="Size">Height and width in pixels. The default value is 28, as they are.</param>
public sealed record FashionFolderOptions(int? Train = null, int? Validation = null, int? Test = null, int Size = 28);

/// <summary>
/// Writes Fashion-MNIST as ImageNet lies on a disk: <c>train/CLASS/*.jpeg</c>, <c>val/CLASS/*.jpeg</c>, <c>test/CLASS/*.jpeg</c> and
/// <c>class_index.json</c>, so that what is made for ImageNet is tried on it.
/// </summary>
public static class FashionFolder
{
    private const string Note = "fashion-folder.json", Index = "class_index.json";
    private const int Quality = 95, MostSize = 1024;

    /// <summary>Writes the folder beside its place; it stands there whole or not at all.</summary>
    /// <param name="folder">New, empty, or an earlier one of this kind with nothing else in it, which is then replaced.</param>
    /// <param name="options">The default value null means all images, as they are.</param>
    /// <param name="data">Gray images; the default value null means <see cref="FashionMnist.Mini"/>.</param>
    /// <param name="context">The default value null means the current one.</param>
    /// <returns>How many images were written.</returns>
    /// <exception cref="KdException">The folder holds something else, or cannot be written; an option is out of its range.</exception>
    public static int Write(
        string folder, FashionFolderOptions? options = null, Dataset? data = null, RunContext? context = null)
    {
        var (place, chosen, all) = (Path.GetFullPath(folder), options ?? new FashionFolderOptions(), data ?? FashionMnist.Mini());
        if (chosen.Size is < 1 or > MostSize)
        {
            throw new KdException($"FashionFolder: a size of {chosen.Size}; expected 1 to {MostSize} pixels.");
        }

        (string Name, SampleSet Set, int[] Images)[] splits =
        [
            ("train", all.Train, Part(all.Train, chosen.Train)), ("val", all.Validation, Part(all.Validation, chosen.Validation)),
            .. all.Test is { } test && chosen.Test != 0 ? [("test", test, Part(test, chosen.Test))] : Array.Empty<(string, SampleSet, int[])>(),
        ];
        RequireOurs(place);
        return WholeFolder.Write(place, beside => Fill(beside, splits, all, chosen, context ?? RunContext.Current));
    }

    // The first of each class, then the second of each, for a folder has its classes in every split.
    private static int[] Part(SampleSet set, int? count)
    {
        var (classes, wanted) = (set.ClassNames.Count, count ?? set.Count);
        if (wanted < classes || wanted > set.Count)
        {
            throw new KdException(
                $"{set.Name}: asked for {wanted} images; expected {classes} (one of each class) to {set.Count}, as many as there are.");
        }

        var seen = new int[classes];
        return [.. Enumerable.Range(0, set.Count).Select(i => (Image: i, Class: ((ClassIndex)set.TargetOf(i)).Index))
            .Select(one => (one.Image, one.Class, Rank: seen[one.Class]++)).OrderBy(one => one.Rank).ThenBy(one => one.Class)
            .Take(wanted).Select(one => one.Image).Order()];
    }

    // "00-t-shirt-top": in the order of the names as in that of the classes.
    private static string FolderOf(int @class, string name) => string.Create(
        CultureInfo.InvariantCulture,
        $"{@class:00}-{new string([.. name.ToLowerInvariant().Select(one => char.IsAsciiLetterOrDigit(one) ? one : '-')])}");

    // Whoever put a file of their own among ours keeps it.
    private static void RequireOurs(string place)
    {
        string? other = File.Exists(place) ? place : null;
        if (Directory.Exists(place) && Directory.EnumerateFileSystemEntries(place).Any())
        {
            other = File.Exists(Path.Combine(place, Note)) ? Foreign(place) : Directory.EnumerateFileSystemEntries(place).First();
        }

        if (other is not null)
        {
            throw new KdException(
                $"{place}: holds something other than a folder of 'kd data make image-folder' ({other}). Name a folder that is new or empty, "
                + "or one of an earlier call with nothing else in it, which is then replaced.");
        }
    }

    // The first file that is none of those that were written; null where there is none.
    private static string? Foreign(string place)
    {
        var note = JsonSerializer.Deserialize<Written>(File.ReadAllText(Path.Combine(place, Note)));
        var ours = (note?.Files ?? []).ToHashSet();
        return Directory.EnumerateFiles(place, "*", SearchOption.AllDirectories)
            .FirstOrDefault(file => !ours.Contains(Path.GetRelativePath(place, file).Replace('\\', '/')));
    }

    private static int Fill(
        string folder, (string Name, SampleSet Set, int[] Images)[] splits, Dataset data, FashionFolderOptions options, RunContext context)
    {
        var (files, done) = (new List<string> { Index, Note }, 0);
        using var bar = context.Progress.Start("Writing images", splits.Sum(split => split.Images.Length), "images");
        foreach (var (name, set, images) in splits)
        {
            foreach (var i in images)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                var sample = set.Load(i);
                var @class = ((ClassIndex)sample.Target).Index;
                var file = $"{name}/{FolderOf(@class, data.ClassNames[@class])}/{name}_{i:000000}.jpeg";
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, file))!);
                File.WriteAllBytes(Path.Combine(folder, file), Encode(sample, options.Size));
                files.Add(file);
                bar.Report(++done);
            }
        }

        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, Index), JsonSerializer.Serialize(data.ClassNames
            .Select((name, k) => (Key: $"{k}", Value: new[] { FolderOf(k, name), name })).ToDictionary(entry => entry.Key, entry => entry.Value)));
        File.WriteAllText(Path.Combine(folder, Note), JsonSerializer.Serialize(new Written(
            $"{data.Name} (MIT, Zalando SE) as JPEGs, written by 'kd data make image-folder'.", data.Fingerprint, options.Size, files)));
        return done;
    }

    private static byte[] Encode(Sample sample, int size)
    {
        if (size == sample.Width && size == sample.Height)
        {
            return JpegWriter.Gray(sample.Pixels.Span, sample.Size, Quality);
        }

        var (pixels, result) = (new byte[size * size], new ImageSize(size, size));
        using var part = PixelPart.OfPlanes(sample.Pixels.Span, 1, sample.Size);
        Antialias.Resize(
            part, PixelRect.Of(sample.Size), result, PixelRect.Of(result), mirrored: false, pixels, 1);
        return JpegWriter.Gray(pixels, result, Quality);
    }

    private sealed record Written(string About, string Fingerprint, int Size, IReadOnlyList<string> Files);
}
