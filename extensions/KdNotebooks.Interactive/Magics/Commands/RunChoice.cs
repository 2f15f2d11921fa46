using KdNotebooks.Runs;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Magics.Commands;

/// <summary>One run of a result, by method and seed.</summary>
internal static class RunChoice
{
    public static readonly MagicOption Method = new("--method", "Which method's run of the result.", "NAME")
    {
        Default = "its last method",
    };

    public static readonly MagicOption Seed = new("--seed", "Which run of the method.", "N")
    {
        Default = "its first seed",
    };

    /// <summary>Where none is named: the last method, which most experiments are made for, and its first seed.</summary>
    public static RunResult Of(MagicArguments arguments, ExperimentResult result)
    {
        var name = arguments.Text(Method) ?? result.Runs[^1].Recipe.Method;
        var runs = result.Runs.Where(run => run.Recipe.Method == name).ToList();
        if (runs.Count == 0)
        {
            var names = result.Runs.Select(run => run.Recipe.Method).Distinct().ToList();
            throw arguments.Wrong(Method,
                $"is '{name}', which was not run; the nearest is '{Nearest.Of(name, names)}'. Run: "
                + $"{string.Join(", ", names)}.");
        }

        var number = arguments.Whole(Seed, least: 0) ?? runs[0].Recipe.Seed;
        return runs.Find(run => run.Recipe.Seed == number) ?? throw arguments.Wrong(Seed,
            $"is {number}; '{name}' was run with {string.Join(", ", runs.Select(run => run.Recipe.Seed))}.");
    }
}
