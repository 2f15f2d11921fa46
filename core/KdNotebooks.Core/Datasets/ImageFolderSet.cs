using System.Security.Cryptography;
using System.Text;
using KdNotebooks.Data;
using KdNotebooks.Data.Formats;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;

namespace KdNotebooks.Datasets;

/// <summary>
/// A split of a folder of images, one folder a class, read as it is asked for. What is loaded is the middle of the image as
/// classifiers are measured on it: the shorter side resized to 8/7 of the size (256 for 224), then cut to the size.
/// <see cref="RandomResizedCrop"/> takes its crop of the file's whole image.
/// </summary>
public sealed class ImageFolderSet : SampleSet
{
    private const string Changed = "has changed since its set was opened, and its fingerprint taken";

    private readonly IReadOnlyList<ClassFiles> classes;
    private readonly int[] starts; // of each class
    private readonly ClassIndex[] targets;
    private readonly ContentIndex[] contents; // of each class: a folder of a million files would be one large index
    private readonly MiddleCrop crop;
    private readonly Lock gate = new();
    private string[]? hashes; // of the files; null until somebody asks

    /// <param name="leftOut">Files that are damaged.</param>
    internal ImageFolderSet(
        string name, IReadOnlyList<ClassFiles> classes, IReadOnlyList<string> classNames, MiddleCrop crop,
        IReadOnlyList<string> leftOut)
        : base(name, classes.Sum(one => one.Files.Count))
    {
        (this.classes, this.crop, ClassNames, LeftOut) = (classes, crop, classNames, leftOut);
        targets = [.. Enumerable.Range(0, classes.Count).Select(index => new ClassIndex(index))];
        contents = [.. classes.Select(one => ContentIndex.Of(one.Folder))];
        starts = new int[classes.Count];
        for (var i = 1; i < classes.Count; i++)
        {
            starts[i] = starts[i - 1] + classes[i - 1].Files.Count;
        }
    }

    public override IReadOnlyList<string> ClassNames { get; }

    public override Type TargetType => typeof(ClassIndex);

    public override ImageSize? OneSize => new ImageSize(crop.Crop, crop.Crop);

    public override IReadOnlyList<string> LeftOut { get; }

    /// <summary>
    /// SHA-256 over sizes, classes, and the names and contents of the files; a copy in another folder has the same. The files are
    /// read once: <see cref="ContentIndex"/> keeps their hashes.
    /// </summary>
    public override string Fingerprint
    {
        get
        {
            var known = Hashes();
            using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Add($"{crop}");
            for (var i = 0; i < classes.Count; i++)
            {
                Add($"{classes[i].Name}: {ClassNames[i]}");
                for (var k = 0; k < classes[i].Files.Count; k++)
                {
                    Add($"{classes[i].Files[k]} {known[starts[i] + k]}");
                }
            }

            return Convert.ToHexStringLower(all.GetHashAndReset());

            void Add(string line) => all.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
        }
    }

    /// <summary>The path of an image's file.</summary>
    /// <param name="index">From 0.</param>
    public string FileOf(int index) => Place(index).Path;

    public override ITarget TargetOf(int index) => targets[Place(index).Class];

    /// <inheritdoc/>
    /// <exception cref="DataFileException">The file is damaged, or has changed since the fingerprint was taken.</exception>
    public override Sample Load(int index) => crop.Apply(PictureOf(index));

    /// <summary>As many images of each class as there are of others, as far as they go; in the set's order.</summary>
    /// <inheritdoc/>
    public override SampleSet Take(int count)
    {
        if (count < 1 || count > Count)
        {
            throw new KdException($"{Name}: asked for {count} images; expected 1 to {Count}, as many as there are.");
        }

        if (count == Count)
        {
            return this;
        }

        var (taken, left) = (new int[classes.Count], count);
        for (var round = 0; left > 0; round++)
        {
            for (var i = 0; i < classes.Count && left > 0; i++)
            {
                if (classes[i].Files.Count > round)
                {
                    (taken[i], left) = (taken[i] + 1, left - 1);
                }
            }
        }

        return new ImageFolderSet(
            Name, [.. classes.Select((one, i) => one with { Files = [.. one.Files.Take(taken[i])] })], ClassNames, crop, LeftOut);
    }

    public override void Refresh(Rehash rehash = Rehash.Changed, CancellationToken cancel = default)
    {
        var now = Look(rehash, cancel);
        lock (gate)
        {
            hashes = now;
        }
    }

    internal override PictureSample PictureOf(int index)
    {
        var (@class, path) = Place(index);
        var known = hashes?[index];
        if (known is not null && contents[@class].HashOf(path) != known)
        {
            throw new DataFileException(path, Changed, "Leave the files of a set alone while they are in use, and run again.");
        }

        // Once for a file's bytes, whoever asks: damage that a decoder passes over costs time to see.
        var isNew = known is not null && !contents[@class].IsMarked(path, ColorReader.Sound);
        var picture = Picture.Open(path, isNew ? ColorReader.Look.Codes : ColorReader.Look.Parts);
        if (isNew)
        {
            contents[@class].Mark(path, known!, ColorReader.Sound);
        }

        return new PictureSample(path, picture, targets[@class]);
    }

    private (int Class, string Path) Place(int index)
    {
        if ((uint)index >= (uint)Count)
        {
            throw new KdException($"{Name}: image {index} was asked for; there are {Count}, counted from 0.");
        }

        var at = Array.BinarySearch(starts, index);
        var @class = at >= 0 ? at : ~at - 1;
        while (classes[@class].Files.Count == 0 || index >= starts[@class] + classes[@class].Files.Count)
        {
            @class++; // classes without an image begin where the next one does
        }

        var one = classes[@class];
        return (@class, Path.Join(one.Folder, one.Files[index - starts[@class]]));
    }

    private string[] Hashes()
    {
        lock (gate)
        {
            return hashes ??= Look(Rehash.Changed, default);
        }
    }

    private string[] Look(Rehash rehash, CancellationToken cancel)
    {
        using var bar = Count < ImageFolder.Many ? null : RunContext.Current.Progress.Start($"Looking at {Name}", Count, "images");
        var found = new string[Count];
        for (var i = 0; i < classes.Count; i++)
        {
            var one = classes[i];
            contents[i].Hashes([.. one.Files.Select(file => Path.Join(one.Folder, file))], rehash, cancel)
                .ToArray().CopyTo(found, starts[i]);
            bar?.Report(starts[i] + one.Files.Count);
        }

        return found;
    }
}
