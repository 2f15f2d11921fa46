using System.Text;
using KdNotebooks.Runtime;

namespace KdNotebooks.Invariants;

/// <summary>A loss or an aligner, the claims made for it, and what its cases said of each.</summary>
/// <param name="Subject">Its name.</param>
/// <param name="Cases">How many cases each claim was tried with.</param>
/// <param name="Seed">Gives the same cases again.</param>
/// <param name="Results">In the order of <see cref="Claim"/>.</param>
public sealed record InvariantReport(string Subject, int Cases, ulong Seed, IReadOnlyList<ClaimResult> Results)
{
    /// <summary>Whether every claim held; one that could not be tested did not.</summary>
    public bool AllHeld => Results.All(result => result.Held);

    public IReadOnlyList<ClaimResult> Broken => [.. Results.Where(result => result.Verdict == Verdict.Broken)];

    /// <summary>What came out for one claim.</summary>
    /// <exception cref="KdException">The claim was not among those that were tested.</exception>
    public ClaimResult this[Claim claim] => Results.FirstOrDefault(result => result.Claim == claim)
        ?? throw new KdException(
            $"{Subject}: {claim} is not in this report; it is about "
            + $"{string.Join(", ", Results.Select(result => result.Claim))}.");

    /// <summary>"l2: 10 of 11 claims held; 100 cases each, seed 1".</summary>
    public string Summary =>
        $"{Subject}: {Results.Count(result => result.Held)} of {Results.Count} claims held; {Cases} cases each, "
        + $"seed {Seed}";

    /// <summary>The report as it is.</summary>
    /// <exception cref="KdException">A claim did not hold; the message is the report.</exception>
    public InvariantReport Require() => AllHeld ? this : throw new KdException(ToString());

    /// <summary>A line for each claim; below a broken one its counterexample.</summary>
    public override string ToString()
    {
        var width = Results.Select(result => $"{result.Claim}".Length).DefaultIfEmpty(0).Max();
        var text = new StringBuilder(Summary).Append('\n');
        foreach (var result in Results)
        {
            var line = $"  {result.Word,-10}  {$"{result.Claim}".PadRight(width)}  {result.Message}";
            text.Append(line.TrimEnd()).Append('\n');
            foreach (var row in result.Counterexample.SelectMany(tensor => tensor.ToString().Split('\n')))
            {
                text.Append(' ', 14).Append(row).Append('\n');
            }
        }

        return text.ToString();
    }
}
