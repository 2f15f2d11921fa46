using KdNotebooks.Data;
using KdNotebooks.Data.Formats;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Datasets;

/// <summary>A split of Cityscapes, or of anything in its layout, read from its files as it is asked for.</summary>
public sealed class CityscapesSet : LabelMapSet
{
    private const int Named = 10; // problems that an error lists
    private const int Many = 500; // pairs that are not checked in a moment

    private readonly IReadOnlyList<FilePair> _pairs;
    private readonly IReadOnlyList<string> _files; // images and label maps in turn
    private readonly ContentIndex _contents;
    private readonly Lock _gate = new();
    private IReadOnlyList<string>? _hashes; // of the files; null until somebody asks

    private CityscapesSet(string name, LabelTable table, string folder, IReadOnlyList<FilePair> pairs)
        : base(name, table, pairs.Count)
    {
        _pairs = pairs;
        _files = [.. pairs.SelectMany(pair => new[] { pair.Image, pair.Labels })];
        _contents = ContentIndex.Of(folder);
    }

    /// <summary>
    /// SHA-256 over label table, file names and contents; a copy in another folder has the same. The files are read
    /// once: <see cref="ContentIndex"/> keeps their hashes.
    /// </summary>
    public override string Fingerprint => Sha256.OfText(string.Join(
        '\n',
        _files.Zip(Hashes(), (file, hash) => $"{_contents.NameOf(file)} {hash}")
            .Prepend(string.Join(";", Table.Rows))));

    /// <summary>
    /// Finds the files of a split. Everything that would stop a training run later is found now: files without a
    /// partner, sizes that differ, label ids outside the table, files that are damaged or no PNG, labels that nobody can
    /// learn from.
    /// </summary>
    /// <param name="folder">It holds leftImg8bit and gtFine.</param>
    /// <param name="split">"train", "val" or "test".</param>
    /// <param name="table">The default value null means <see cref="CityscapesLabels.Table"/>.</param>
    /// <param name="check">
    /// Whether every label map is read (half a minute for the 2,975 of Cityscapes' train on two cores), and every image
    /// that has not been read before or has changed since, which <see cref="ContentIndex"/> keeps in mind. The default
    /// value is true.
    /// </param>
    /// <exception cref="KdException">Something is wrong; the first ten files are named, and how many more.</exception>
    public static CityscapesSet Open(
        string folder, string split, LabelTable? table = null, bool check = true, CancellationToken cancel = default)
    {
        var (place, labels) = (Path.GetFullPath(folder), table ?? CityscapesLabels.Table);
        var found = CityscapesPairs.Look(place, split);
        var problems = found.Problems.ToList();
        if (check)
        {
            using var bar = found.Pairs.Count < Many ? null
                : RunContext.Current.Progress.Start($"Checking {labels.Name} {split}", found.Pairs.Count, "pairs");
            var (wrong, use) = DenseCheck.Pairs(found.Pairs, labels, ContentIndex.Of(place), again: false, bar, cancel);
            problems.AddRange(wrong);
            // Of a test split the true labels may be kept back.
            if (problems.Count == 0 && split != "test" && use.Fault is { } fault)
            {
                problems.Add(new DataFinding(Path.Combine(place, "gtFine", split), false, fault));
            }
        }

        if (problems is [var one])
        {
            throw new KdException($"{labels.Name} {split} in {place}: {one.File}: {one.Message}");
        }

        if (problems.Count > 0)
        {
            throw new KdException(
                $"{labels.Name} {split} in {place}: {problems.Count} problem(s).\n"
                + string.Join("\n", problems.Take(Named).Select(problem => $"  {problem.File}: {problem.Message}"))
                + (problems.Count > Named ? $"\n  and {problems.Count - Named} more" : ""));
        }

        return new CityscapesSet($"{labels.Name} {split}", labels, place, found.Pairs);
    }

    /// <summary>The splits train and val; mean and standard deviation are ImageNet's unless others are given.</summary>
    /// <param name="test">
    /// Whether the split test is opened, too. The default value is false: Cityscapes publishes no labels of it.
    /// </param>
    /// <exception cref="KdException">As <see cref="Open"/>.</exception>
    public static Dataset OpenData(
        string folder, LabelTable? table = null, IReadOnlyList<float>? mean = null, IReadOnlyList<float>? std = null,
        bool test = false, CancellationToken cancel = default) => new(
        (table ?? CityscapesLabels.Table).Name,
        Open(folder, "train", table, cancel: cancel),
        Open(folder, "val", table, cancel: cancel),
        test ? Open(folder, "test", table, cancel: cancel) : null,
        mean ?? Dataset.ImageNetMean,
        std ?? Dataset.ImageNetStd);

    /// <inheritdoc/>
    /// <exception cref="DataFileException">
    /// A file has changed since the fingerprint was taken, or was never checked.
    /// </exception>
    public override Sample Load(int index)
    {
        RequireSame(2 * index);
        RequireSame((2 * index) + 1);
        return PairReader.Read(_pairs[index], Table);
    }

    public override void Refresh(Rehash rehash = Rehash.Changed, CancellationToken cancel = default)
    {
        var hashes = _contents.Hashes(_files, rehash, cancel);
        lock (_gate)
        {
            _hashes = hashes;
        }
    }

    public override ImageSize SizeOf(int index) =>
        PngReader.ReadSize(_pairs[index].Image) is var (height, width) ? new ImageSize(height, width) : default;

    private IReadOnlyList<string> Hashes()
    {
        lock (_gate)
        {
            return _hashes ??= _contents.Hashes(_files);
        }
    }

    // A run says which images it was trained on: others, halfway, would make that untrue.
    private void RequireSame(int file)
    {
        if (_hashes is { } then && _contents.HashOf(_files[file]) != then[file])
        {
            throw new DataFileException(
                _files[file], "has changed since its set was opened, and its fingerprint taken",
                "Leave the files of a set alone while they are in use, and run again.");
        }
    }
}
