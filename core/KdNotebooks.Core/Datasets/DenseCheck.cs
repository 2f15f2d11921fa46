using KdNotebooks.Data;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Datasets;

/// <summary>Checks a copy of a dataset in Cityscapes' layout, file by file.</summary>
public static class DenseCheck
{
    /// <summary>Cityscapes itself.</summary>
    /// <param name="folder">It holds leftImg8bit and gtFine.</param>
    /// <param name="context">The default value null means the current one.</param>
    /// <returns>
    /// One finding a split that is sound, and one a defect: a file without its partner, sizes that differ, a label id
    /// outside the table, a file that cannot be read, label maps without a trained class, an empty split (train and val;
    /// a test split need not be there).
    /// </returns>
    /// <exception cref="KdException">There is no such folder.</exception>
    public static IReadOnlyList<DataFinding> Cityscapes(string folder, RunContext? context = null) =>
        Layout(Existing(folder), CityscapesLabels.Table, context ?? RunContext.Current);

    /// <summary>What <see cref="FashionScenesFolder"/> wrote: its Cityscapes layout, then its COCO files.</summary>
    /// <inheritdoc cref="Cityscapes"/>
    public static IReadOnlyList<DataFinding> FashionScenes(string folder, RunContext? context = null)
    {
        var place = Existing(folder);
        context ??= RunContext.Current;
        return
        [
            .. Layout(place, Datasets.FashionScenes.Table, context),
            .. Splits(place).SelectMany(split => CocoCheck.Scenes(
                place, split, Datasets.FashionScenes.Table, CityscapesPairs.Look(place, split).Pairs.Count, context)),
        ];
    }

    /// <summary>What is wrong with these pairs, in their order, and which ids their label maps hold.</summary>
    /// <param name="contents">Of their folder: images that it knows to be sound are not read.</param>
    /// <param name="again">Whether they are.</param>
    internal static (IReadOnlyList<DataFinding> Problems, LabelUse Use) Pairs(
        IReadOnlyList<FilePair> pairs, LabelTable table, ContentIndex contents, bool again, IProgressTask? bar,
        CancellationToken cancel)
    {
        var (problems, ids, done) = (new DataFinding?[pairs.Count], new bool[256], 0L);
        Parallel.For(0, pairs.Count, new ParallelOptions { CancellationToken = cancel }, i =>
        {
            // Threads set the ids that they find, and unset none.
            problems[i] = PairReader.Check(pairs[i], table, contents, again, ids);
            lock (problems) // a bar is drawn by one thread at a time
            {
                bar?.Report(++done);
            }
        });
        contents.Keep();
        return (
            [.. problems.OfType<DataFinding>()],
            new LabelUse(table, [.. Enumerable.Range(0, 256).Where(id => ids[id]).Select(id => (byte)id)]));
    }

    private static List<DataFinding> Layout(string place, LabelTable table, RunContext context)
    {
        var findings = new List<DataFinding>();
        foreach (var split in Splits(place))
        {
            var found = CityscapesPairs.Look(place, split);
            var count = found.Pairs.Count;
            using var bar = context.Progress.Start($"Checking {split}", count, "pairs");
            var (problems, use) = Pairs(
                found.Pairs, table, ContentIndex.Of(place), again: true, bar, context.Cancellation);
            DataFinding[] wrong = [.. found.Problems, .. problems];
            findings.AddRange(wrong);
            if (wrong.Length == 0)
            {
                var labels = Labels(place, split, count, use);
                findings.Add(!labels.Sound ? labels : labels with
                {
                    Message = $"{labels.Message}, fingerprint {Fingerprint(place, split, table, context.Cancellation)}",
                });
            }
        }

        return findings;
    }

    // Whatever was noted of the files before: who asks for a check wants every byte to be looked at.
    private static string Fingerprint(string place, string split, LabelTable table, CancellationToken cancel)
    {
        var set = CityscapesSet.Open(place, split, table, check: false, cancel);
        set.Refresh(Rehash.All, cancel);
        return set.Fingerprint[..12];
    }

    // Of a test split the true labels may be kept back: Cityscapes' own hold ignored ids alone.
    private static DataFinding Labels(string place, string split, int count, LabelUse use) => use.Fault is { } fault
        ? new DataFinding(
            Path.Combine(place, "gtFine", split), split == "test",
            split == "test" ? $"{count} images; no pixel of their label maps has a trained class" : fault)
        : new DataFinding(
            Path.Combine(place, "leftImg8bit", split), true, $"{count} images with their label maps{use.Note}");

    // A test split is looked at where there is one: Cityscapes publishes no labels of its own.
    private static IEnumerable<string> Splits(string place) =>
        CityscapesPairs.Has(place, "test") || File.Exists(Path.Combine(place, CocoCheck.FileOf("test")))
            ? ["train", "val", "test"]
            : ["train", "val"];

    private static string Existing(string folder) => Directory.Exists(folder)
        ? Path.GetFullPath(folder)
        : throw new KdException($"{folder}: there is no such folder; expected one that holds leftImg8bit and gtFine.");
}
