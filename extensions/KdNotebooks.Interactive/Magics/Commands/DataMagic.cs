using KdNotebooks.Catalogue;
using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Magics.Commands;

/// <param name="Split">"train", "validation" or "test".</param>
/// <param name="Count">How many images are shown.</param>
public sealed record DataRequest(DataSpec Data, string Split, int Count);

/// <summary><c>#!kd-data</c>: what is in a dataset, before anything is learned from it.</summary>
internal sealed class DataMagic : MagicCommand<DataRequest>
{
    private const int Shown = 16;

    // Made anew each time: cells register data of their own.
    public static MagicOption Data => new(
        "--data", "A dataset: its name, or one that a cell has named.", "DATASET")
    {
        IsImplicit = true,
        Default = "fashion-mnist-mini",
        Known = KnownDatasets.Names,
        Takes = typeof(DataSpec),
    };

    private static readonly MagicOption SplitOption = new("--split", "Which images to show.", "SPLIT")
    {
        Default = "train",
        Known = ["train", "validation", "test"],
    };

    private static readonly MagicOption Count = new("--count", "How many images to show; 0 shows none.", "N")
    {
        Default = $"{Shown}",
    };

    public override string Name => "kd-data";

    public override string Summary => "Shows a dataset: its splits, how much of each class there is, and some images.";

    public override IReadOnlyList<MagicOption> Options => [Data, SplitOption, Count];

    public override string Example => "kd-data fashion-mnist-mini --split test --count 24 --as images";

    /// <summary>A dataset by name or value.</summary>
    public static DataSpec ReadSpec(MagicArguments arguments) =>
        arguments.Value(Data, name => new DataSpec(name), fallback: Data.Default);

    public override DataRequest Read(MagicArguments arguments)
    {
        var split = arguments.Text(SplitOption) ?? SplitOption.Default;
        return SplitOption.Known.Contains(split)
            ? new(ReadSpec(arguments), split, arguments.Whole(Count, least: 0) ?? Shown)
            : throw arguments.Wrong(
                SplitOption, $"is '{split}'; expected one of {string.Join(", ", SplitOption.Known)}.");
    }

    public override object Run(DataRequest request)
    {
        var data = KnownDatasets.Open(request.Data);
        Display.Show(new Markdown($"**{data}**"));
        var task = PartKinds.TaskOf(data).On(data, PaddedCrop.None);
        var summary = task.Summarize(RunContext.Current.Cancellation);
        Display.Show(summary.Classes);
        if (summary.Notes.Count > 0)
        {
            Display.Show(new Markdown(string.Join('\n', summary.Notes.Select(note => $"- {note}"))));
        }

        if (request.Count > 0)
        {
            Display.Show(SampleGrid.Of(data, request.Split, request.Count, task));
        }

        return data;
    }
}
