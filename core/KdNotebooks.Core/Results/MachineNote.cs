using KdNotebooks.Native;
using KdNotebooks.Runtime;

namespace KdNotebooks.Results;

/// <summary>Says which runs were made with other threads or processors than the rest.</summary>
internal static class MachineNote
{
    /// <summary>
    /// "Not made on one machine ...: mlp-1 (seed 2) with ...; none (seeds 1, 2), mlp-1 (seed 1) with ..." Empty where all
    /// were made with the same, or where no run says with what.
    /// </summary>
    /// <param name="runs">
    /// Method, seed and <see cref="Machine"/>; null where that is not known. A run may come twice.
    /// </param>
    public static string Of(IEnumerable<(string Method, int Seed, string? Machine)> runs)
    {
        var all = runs.Distinct().ToList();
        var groups = all.GroupBy(run => run.Machine ?? $"an {Machine.Unknown} one").OrderBy(group => group.Count())
            .Select(Text).ToList();
        return groups.Count < 2 ? "" :
            $"Not made on one machine with one number of threads: {string.Join("; ", groups)}. Each rounds otherwise, which "
            + "training makes as large as another seed does: make all of them alike before they are compared.";
    }

    private static string Text(IGrouping<string, (string Method, int Seed, string? Machine)> group) =>
        $"{string.Join(", ", group.GroupBy(run => run.Method).Select(Seeds))} with {group.Key}";

    private static string Seeds(IGrouping<string, (string Method, int Seed, string? Machine)> method)
    {
        var seeds = method.Select(run => $"{run.Seed}").Distinct().ToList();
        var list = NameList.Short(string.Join(", ", seeds));
        return $"{method.Key} (seed{(seeds.Count == 1 ? "" : "s")} {list})";
    }
}
