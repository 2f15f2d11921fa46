using KdNotebooks.Runtime;

namespace KdNotebooks.Weights;

/// <summary>Which of a file's weights are meant, where there is a choice.</summary>
/// <param name="Entry">
/// Where in a checkpoint they are: "state_dict", "ema.module"; null (the default) finds them where there is one choice.
/// </param>
/// <param name="Prefix">
/// What stands before the module's names in the file, as in "module" or "backbone"; null (the default) finds it.
/// </param>
/// <param name="OtherClasses">
/// Whether a layer that differs in the number of classes alone is left as it was drawn. The default value is false: it is an
/// error.
/// </param>
public sealed record WeightsChoice(string? Entry = null, string? Prefix = null, bool OtherClasses = false);

/// <summary>What came of a file's weights.</summary>
/// <param name="Entry">Where in a checkpoint they were; "" where the file is nothing else.</param>
/// <param name="Prefix">What stands before the module's names, with its last dot; "" for nothing.</param>
/// <param name="Matched">The same in words, as in "below 'module.'"; null where names stand as they are.</param>
/// <param name="Count">Tensors that were copied.</param>
/// <param name="Renamed">Those that have an older name in the file.</param>
/// <param name="LeftOut">The module's tensors that were left as drawn, since the file's are for other classes.</param>
/// <param name="Outside">The file's tensors that do not stand below the prefix.</param>
public sealed record LoadedWeights(
    string File, string Entry, string Prefix, string? Matched, int Count, IReadOnlyList<RenamedTensor> Renamed,
    IReadOnlyList<string> LeftOut, IReadOnlyList<string> Outside)
{
    /// <summary>
    /// "r18.pth, entry 'state_dict', below 'module.': 122 tensors", and what was renamed, left out or not looked at.
    /// </summary>
    public override string ToString() => File + (Entry.Length > 0 ? $", entry '{Printable.Of(Entry)}'" : "")
        + (Matched is null ? "" : $", {Matched}") + $": {Count} tensors"
        + (Renamed.Count > 0 ? $"; by older names: {NameList.Capped(Renamed.Select(one => one.InFile))}" : "")
        + (LeftOut.Count > 0 ? $"; left as drawn, for other classes: {NameList.Capped(LeftOut)}" : "")
        + (Outside.Count > 0 ? $"; not looked at: {NameList.Capped(Outside)}" : "");
}
