using KdNotebooks.Experiments;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Magics.Commands;

/// <summary>One run of a result, by method and seed.</summary>
internal static class RunChoice
{
    /// <summary>Where none is named: the last method, which most experiments are made for, and its first seed.</summary>
    public static RunResult Of(
        MagicArguments arguments, ExperimentResult result, MagicOption method, MagicOption seed)
    {
        var name = arguments.Text(method) ?? result.Runs[^1].Recipe.Method;
        var runs = result.Runs.Where(run => run.Recipe.Method == name).ToList();
        if (runs.Count == 0)
        {
            var names = result.Runs.Select(run => run.Recipe.Method).Distinct().ToList();
            throw arguments.Wrong(method,
                $"is '{name}', which was not run; the nearest is '{Nearest.Of(name, names)}'. Run: "
                + $"{string.Join(", ", names)}.");
        }

        var number = arguments.Whole(seed, least: 0) ?? runs[0].Recipe.Seed;
        return runs.Find(run => run.Recipe.Seed == number) ?? throw arguments.Wrong(seed,
            $"is {number}; '{name}' was run with {string.Join(", ", runs.Select(run => run.Recipe.Seed))}.");
    }
}
