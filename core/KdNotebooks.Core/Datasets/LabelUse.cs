using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Datasets;

/// <summary>Which ids the label maps of a split hold, and what can be learned of them.</summary>
/// <param name="Ids">Each id that a pixel has, in their order.</param>
internal sealed record LabelUse(LabelTable Table, IReadOnlyList<byte> Ids)
{
    /// <summary>The trained classes that a pixel has, by name.</summary>
    public IReadOnlyList<string> Classes =>
        [.. Table.Classes.Where(row => Ids.Any(id => Table.ClassOf(id) == row.Class)).Select(row => row.Name)];

    /// <summary>Why nothing can be learned or counted; null where something can.</summary>
    public string? Fault => Classes.Count > 0 || Ids.Count == 0
        ? null
        : $"no pixel of the label maps has a trained class: they hold the ids {LabelTable.Runs(Ids)} alone, which "
            + $"the table of {Table.Name} ignores; it trains {LabelTable.Runs(Trained)}. Give label ids "
            + "(labelIds, not labelTrainIds); a set of your own with other ids is opened with its own table: "
            + "`Own.data \"mine\" (CityscapesSet.OpenData(folder, table))`";

    /// <summary>For who looks at the data: ", all labeled pixels of one class (road)"; else empty.</summary>
    public string Note => Classes is [var one] ? $", all labeled pixels of one class ({one})" : "";

    private IReadOnlyList<byte> Trained =>
        [.. Table.Rows.Where(row => row.Class is not null).Select(row => row.Id).Order()];
}
