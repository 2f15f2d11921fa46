using KdNotebooks.Runtime;

namespace KdNotebooks.Losses;

/// <summary>Range checks of a loss's options; the error names the loss, the option and its value.</summary>
internal static class Option
{
    public static void RequirePositive(string loss, string option, double value)
    {
        if (value is not (> 0 and < double.PositiveInfinity))
        {
            throw new KdException($"{loss}: {option} is {value}; expected a finite number above 0.");
        }
    }

    public static void RequireAtLeast(double least, string loss, string option, double value)
    {
        if (!(value >= least && double.IsFinite(value)))
        {
            throw new KdException($"{loss}: {option} is {value}; expected a finite number of at least {least}.");
        }
    }
}
