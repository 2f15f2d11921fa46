using KdNotebooks.Runtime;

namespace KdNotebooks.Datasets;

/// <summary>What is wrong with a dataset's files, as one error.</summary>
internal static class DataProblems
{
    /// <summary>How many an error lists.</summary>
    public const int Listed = 10;

    /// <exception cref="KdException">There is one; the first ten are named, and how many more.</exception>
    public static void Refuse(string name, string place, IReadOnlyList<DataFinding> problems)
    {
        if (problems is [var one])
        {
            throw new KdException($"{name} in {place}: {one.File}: {one.Message}");
        }

        if (problems.Count > 0)
        {
            throw new KdException(
                $"{name} in {place}: {problems.Count} problems.\n"
                + string.Join("\n", problems.Take(Listed).Select(problem => $"  {problem.File}: {problem.Message}"))
                + (problems.Count > Listed ? $"\n  and {problems.Count - Listed} more" : ""));
        }
    }
}
