using KdNotebooks.Data;
using KdNotebooks.Data.Formats;
using KdNotebooks.Masks;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Detection;

namespace KdNotebooks.Datasets;

/// <summary>
/// A split of COCO, or of anything in its layout. Its annotations are in memory, as few bytes as they take; images are read
/// and decoded, and masks made of polygons, as they are asked for.
/// </summary>
/// <remarks>
/// Training images without an object to learn from (none at all, crowds alone, degenerate boxes alone) are left out unless
/// asked for; validation and test keep every image, for what is found in an empty one counts against it. Crowds are neither
/// learned from nor missed. Boxes are as in the file; those without width or height are counted and left out. Classes are
/// the categories in the order of their ids, whatever gaps these have.
/// </remarks>
public sealed class CocoSet : ThingSet
{
    private const string Mend = "Fetch or write the images and their annotations again.";

    private readonly CocoInstances all;
    private readonly IReadOnlyList<int> images; // of all, those in the set
    private readonly CocoImages files;
    private readonly string annotations; // the file
    private readonly string annotationsHash;
    private readonly ContentIndex contents;
    private readonly Lock gate = new();
    private IReadOnlyList<string>? hashes; // of the images; null until somebody asks

    private CocoSet(
        string name, CocoInstances all, IReadOnlyList<int> images, CocoImages files, string annotations, string hash,
        ContentIndex contents)
        : base(name, all.ClassNames, images.Count)
    {
        (this.all, this.images, this.files, this.annotations, annotationsHash, this.contents) =
            (all, images, files, annotations, hash, contents);
        OneSize = images.All(i => SizeAt(i) == SizeAt(images[0])) ? SizeAt(images[0]) : null;
    }

    /// <summary>
    /// SHA-256 over the annotations' bytes and the names and contents of the images in the set; a copy in another folder has
    /// the same. The files are read once: <see cref="ContentIndex"/> keeps their hashes.
    /// </summary>
    public override string Fingerprint => Sha256.OfText(string.Join(
        '\n', images.Zip(Hashes(), (image, hash) => $"{all.Images[image].FileName} {hash}").Prepend(annotationsHash)));

    public override ImageSize? OneSize { get; }

    public override long? WithoutMask => images.SelectMany(all.AnnotationsOf)
        .FirstOrDefault(one => one.Shape is null && all.Within(one) is not null)?.Id;

    public override IReadOnlyList<string> Remarks =>
    [
        .. all.Degenerate.Count > 0 ? [$"{Name}: {all.Degenerate}."] : Array.Empty<string>(),
        .. all.Beyond is { Count: > 0 } beyond ? [$"{Name}: {CocoInstances.Say(beyond)}."] : Array.Empty<string>(),
        .. images.Count < all.Images.Count
            ? [$"{Name}: {all.Images.Count - images.Count} of {all.Images.Count} images have no object to learn from and are "
                + "left out of training (keepEmpty keeps them)."]
            : Array.Empty<string>(),
    ];

    /// <summary>
    /// Reads a split's annotations and looks at its images. What would stop a training run later is found now, without a
    /// pixel being read: annotations whose image or category is not listed, whose box lies outside their image or whose mask
    /// has another size, each by its id; images that are missing or of another size than is said.
    /// </summary>
    /// <param name="folder">It holds annotations/instances_*.json and the images, see datasets.md.</param>
    /// <param name="split">"train", "val" or "test".</param>
    /// <param name="keepEmpty">
    /// Whether images without an object to learn from are in the set; null (the default) keeps them unless it is "train".
    /// </param>
    /// <exception cref="KdException">Something is wrong; the first ten problems are named, and how many more.</exception>
    public static CocoSet Open(string folder, string split, bool? keepEmpty = null, CancellationToken cancel = default)
    {
        var place = Path.GetFullPath(folder);
        var file = CocoFolder.Find(place, split) ?? throw new KdException(
            $"{Path.Combine(place, "annotations")}: holds no instances_{split}*.json; expected a folder in COCO's layout, with "
            + $"annotations/instances_{split}2017.json or the like. datasets.md says where COCO comes from.");
        var name = $"coco {split}";
        var contents = ContentIndex.Of(place);
        var hash = contents.HashOf(file);
        var all = CocoKept.Read(file, hash, name, DataProblems.Listed);
        var files = new CocoImages(all, CocoFolder.Images(place, file, all), Mend);
        var images = keepEmpty ?? split != "train" ? [.. Enumerable.Range(0, all.Images.Count)] : all.WithObjects();
        var problems = new List<DataFinding>();
        problems.AddRange(CocoCheck.Outside(all, file));
        var context = RunContext.Current;
        problems.AddRange(files.Check(
            decode: false, images, $"Looking at {name}",
            cancel.CanBeCanceled ? context with { Cancellation = cancel } : context));
        DataProblems.Refuse(name, place, problems);
        return images.Count > 0
            ? new CocoSet(name, all, images, files, file, hash, contents)
            : throw new KdException($"{file}: holds no image with an object to learn from; expected at least one.");
    }

    /// <summary>The splits train and val, and test where there is an instances_test*.json.</summary>
    /// <remarks>
    /// COCO publishes no labels of its test images: what is reported is val, so that no weight and no epoch may be chosen by
    /// it. Mean and standard deviation are ImageNet's; those of the scenes for a folder that <c>kd data make
    /// fashion-scenes</c> wrote.
    /// </remarks>
    /// <param name="keepEmpty">Whether training images without an object are kept. The default value is false.</param>
    /// <exception cref="KdException">As <see cref="Open"/>.</exception>
    public static Dataset OpenData(string folder, bool keepEmpty = false, CancellationToken cancel = default)
    {
        var (place, scenes) = (Path.GetFullPath(folder), FashionScenesFolder.Is(folder));
        return new Dataset(
            "coco",
            Open(place, "train", keepEmpty, cancel),
            Open(place, "val", cancel: cancel),
            CocoFolder.Find(place, "test") is null ? null : Open(place, "test", cancel: cancel),
            scenes ? FashionScenes.Mean : Dataset.ImageNetMean,
            scenes ? FashionScenes.Std : Dataset.ImageNetStd);
    }

    public override int CategoryOf(int @class) => checked((int)all.Categories[@class].Id);

    public override long ImageIdOf(int index) => all.Images[images[index]].Id;

    public override ImageSize SizeOf(int index) => SizeAt(images[index]);

    /// <inheritdoc/>
    /// <exception cref="DataFileException">
    /// The image is damaged, of another size than its annotations say, or has changed since the fingerprint was taken.
    /// </exception>
    public override Sample Load(int index)
    {
        var path = files.FileOf(images[index]);
        var known = hashes;
        if (known is not null && contents.HashOf(path) != known[index])
        {
            throw new DataFileException(
                path, "has changed since its set was opened, and its fingerprint taken",
                "Leave the files of a set alone while they are in use, and run again.");
        }

        // Once for a file's bytes, whoever asks: damage that a decoder passes over costs time to see.
        var isNew = known is not null && !contents.IsMarked(path, ColorReader.Sound);
        var (image, size) = (ColorReader.Read(path, isNew ? ColorReader.Look.Codes : ColorReader.Look.Parts), SizeOf(index));
        if (isNew)
        {
            contents.Mark(path, known![index], ColorReader.Sound);
        }

        return image.Size == size ? Things.Sample(path, size, image.Pixels, ThingsOf(index).All) : throw new DataFileException(
            path, $"is {image.Size} pixels large, its annotations say {size}", Mend);
    }

    public override Things ThingsOf(int index)
    {
        var size = SizeOf(index);
        return new Things(
            [
                .. all.AnnotationsOf(images[index]).Where(one => all.Within(one) is not null).Select(one => new Thing(
                    one.Class, one.Box, MaskOf(one, size), one.Crowd, one.Area, one.Id)),
            ],
            size);
    }

    /// <inheritdoc/>
    /// <exception cref="DataFileException">
    /// A file is not there any more, or the annotations are others than those in memory.
    /// </exception>
    public override void Refresh(Rehash rehash = Rehash.Changed, CancellationToken cancel = default)
    {
        if (contents.HashOf(annotations, rehash) != annotationsHash)
        {
            throw new DataFileException(annotations, "has changed since its set was opened", "Open the set again.");
        }

        var now = contents.Hashes([.. images.Select(files.FileOf)], rehash, cancel);
        lock (gate)
        {
            hashes = now;
        }
    }

    private ImageSize SizeAt(int image) => new(all.Images[image].Height, all.Images[image].Width);

    private RunLength? MaskOf(CocoAnnotation one, ImageSize size)
    {
        try
        {
            return one.Shape?.Mask(size.Height, size.Width);
        }
        catch (KdException problem)
        {
            throw new DataFileException(
                annotations, $"annotation {one.Id} has polygons that make no mask ({problem.Message.TrimEnd('.')})",
                "Mend the annotation, or leave it out of the file.", problem);
        }
    }

    private IReadOnlyList<string> Hashes()
    {
        lock (gate)
        {
            return hashes ??= contents.Hashes([.. images.Select(files.FileOf)]);
        }
    }
}

/// <summary>Files of annotations that somebody still uses are not read again: a recipe's data is opened many times.</summary>
internal static class CocoKept
{
    private static readonly Dictionary<(string Path, string Hash), WeakReference<CocoInstances>> Kept = [];
    private static readonly Lock Gate = new();

    /// <param name="hash">Of the file's bytes.</param>
    /// <param name="name">What an error calls the set.</param>
    /// <param name="named">How many problems it names.</param>
    /// <exception cref="DataFileException">The file is missing, of another format, or an annotation cannot be used.</exception>
    public static CocoInstances Read(string path, string hash, string name, int named)
    {
        lock (Gate)
        {
            if (Kept.TryGetValue((path, hash), out var kept) && kept.TryGetTarget(out var all))
            {
                return all;
            }

            var reader = CocoReader.Read(path);
            if (reader.Problems.Count > 1)
            {
                throw new KdException(
                    $"{name}: {path}: {reader.Problems.Count} problems.\n"
                    + string.Join("\n", reader.Problems.Take(named).Select(problem => $"  {problem}"))
                    + (reader.Problems.Count > named ? $"\n  and {reader.Problems.Count - named} more" : ""));
            }

            all = reader.Instances();
            foreach (var (key, value) in Kept.ToList())
            {
                if (!value.TryGetTarget(out _))
                {
                    Kept.Remove(key);
                }
            }

            Kept[(path, hash)] = new WeakReference<CocoInstances>(all);
            return all;
        }
    }
}
