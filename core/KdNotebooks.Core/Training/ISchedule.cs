using KdNotebooks.Runtime;

namespace KdNotebooks.Training;

/// <summary>
/// What the learning rate is multiplied by at a step: a pure function, so that a run can stop and go on, and one
/// schedule serve a whole cohort. (TorchSharp's schedulers keep their place inside the optimizer.)
/// </summary>
public interface ISchedule
{
    /// <param name="step">From 0.</param>
    /// <param name="steps">Of the whole run.</param>
    /// <param name="stepsPerEpoch">What an epoch is.</param>
    double Factor(int step, int steps, int stepsPerEpoch);
}

/// <summary>Always 1.</summary>
public sealed record Constant : ISchedule
{
    public double Factor(int step, int steps, int stepsPerEpoch) => 1;
}

/// <summary>
/// Half a cosine from 1 down to <paramref name="Floor"/>. Loshchilov and Hutter 2016 (arXiv:1608.03983).
/// </summary>
/// <param name="Floor">0 to 1. The default value is 0.</param>
public sealed record Cosine(double Floor = 0) : ISchedule
{
    public double Floor { get; init => field = Schedules.Fraction(nameof(Cosine), "floor", value); } =
        Schedules.Fraction(nameof(Cosine), "floor", Floor);

    public double Factor(int step, int steps, int stepsPerEpoch) =>
        Floor + ((1 - Floor) * 0.5 * (1 + Math.Cos(Math.PI * step / steps)));
}

/// <summary>Multiplied by <paramref name="Gamma"/> after each of these epochs.</summary>
/// <param name="Epochs">Counted from 1: 30 means that the 31st epoch is the first with the lower rate.</param>
/// <param name="Gamma">Greater than 0. The default value is 0.1.</param>
public sealed record MultiStep(IReadOnlyList<int> Epochs, double Gamma = 0.1) : ISchedule
{
    public IReadOnlyList<int> Epochs { get; init => field = RequireEpochs(value); } = RequireEpochs(Epochs);

    public double Gamma { get; init => field = Schedules.Positive(nameof(MultiStep), "gamma", value); } =
        Schedules.Positive(nameof(MultiStep), "gamma", Gamma);

    public double Factor(int step, int steps, int stepsPerEpoch) =>
        Math.Pow(Gamma, Epochs.Count(epoch => step >= (long)epoch * stepsPerEpoch));

    private static IReadOnlyList<int> RequireEpochs(IReadOnlyList<int> epochs) =>
        epochs.All(epoch => epoch >= 1) ? epochs : throw new KdException(
            $"MultiStep: epochs [{string.Join(", ", epochs)}] came; they are counted from 1. Leave the others out.");
}

/// <summary>(1 - step / steps) to a power, never below a floor: segmentation's "poly".</summary>
/// <param name="Power">Greater than 0. The default value is 0.9.</param>
/// <param name="Floor">Relative to the learning rate, 0 to 1. The default value is 0.</param>
public sealed record Polynomial(double Power = 0.9, double Floor = 0) : ISchedule
{
    public double Power { get; init => field = Schedules.Positive(nameof(Polynomial), "power", value); } =
        Schedules.Positive(nameof(Polynomial), "power", Power);

    public double Floor { get; init => field = Schedules.Fraction(nameof(Polynomial), "floor", value); } =
        Schedules.Fraction(nameof(Polynomial), "floor", Floor);

    public double Factor(int step, int steps, int stepsPerEpoch) =>
        Math.Max(Floor, Math.Pow(1 - ((double)step / steps), Power));
}

/// <summary>
/// A straight line from <paramref name="Start"/> up to what <paramref name="Then"/> gives, over the first steps.
/// </summary>
/// <param name="Steps">How many; at least 0, and in a run no more than it has.</param>
/// <param name="Then">The schedule that it leads into; its clock runs from the beginning.</param>
/// <param name="Start">What the factor is multiplied by at step 0, 0 to 1. The default value is 0.001.</param>
public sealed record WarmUp(int Steps, ISchedule Then, double Start = 0.001) : ISchedule
{
    public int Steps { get; init => field = RequireSteps(value); } = RequireSteps(Steps);

    // Stated, so that all three are written to JSON in their order.
    public ISchedule Then { get; init; } = Then;

    public double Start { get; init => field = Schedules.Fraction(nameof(WarmUp), "start", value); } =
        Schedules.Fraction(nameof(WarmUp), "start", Start);

    public double Factor(int step, int steps, int stepsPerEpoch)
    {
        var factor = Then.Factor(step, steps, stepsPerEpoch);
        return step < Steps ? factor * (Start + ((1 - Start) * step / Steps)) : factor;
    }

    private static int RequireSteps(int value) => value >= 0 ? value : throw new KdException(
        $"WarmUp: {value} steps came; expected 0 (no warm-up) or more.");
}

internal static class Schedules
{
    /// <summary>A schedule that gives a run something to learn with.</summary>
    /// <exception cref="KdException">
    /// It warms up for longer than the run lasts, gives a rate that is negative or no number, or none but 0.
    /// </exception>
    public static void RequireFit(ISchedule schedule, int steps, int stepsPerEpoch)
    {
        for (var part = schedule; part is WarmUp warm; part = warm.Then)
        {
            if (warm.Steps > steps)
            {
                throw new KdException(
                    $"the learning rate warms up over {warm.Steps} steps, and the run has {steps}: it would never come "
                    + $"to its value. Warm up over {steps} or fewer, or train longer (epochs, iterations).");
            }
        }

        var learns = false;
        for (var step = 0; step < steps; step++)
        {
            var factor = schedule.Factor(step, steps, stepsPerEpoch);
            learns |= factor > 0;
            if (!(factor >= 0 && double.IsFinite(factor)))
            {
                throw new KdException(
                    $"the schedule multiplies the learning rate by {factor} at step {step} (from 0) of {steps}; "
                    + "expected a finite number of at least 0.");
            }
        }

        if (!learns)
        {
            throw new KdException(
                $"the schedule multiplies the learning rate by 0 in all {steps} steps, so that nothing is learned; "
                + "choose one that is greater than 0 somewhere.");
        }
    }

    /// <summary>What of a schedule a run does not come to, a sentence each.</summary>
    public static IEnumerable<string> Notes(ISchedule schedule, int steps, int stepsPerEpoch)
    {
        while (schedule is WarmUp warm)
        {
            schedule = warm.Then;
        }

        // A milestone at the very end changes no step.
        if (schedule is MultiStep multi
            && multi.Epochs.Where(epoch => (long)epoch * stepsPerEpoch >= steps).ToList() is { Count: > 0 } late)
        {
            yield return $"the learning rate falls after epoch {string.Join(", ", late)}, and the run has "
                + $"{(steps + stepsPerEpoch - 1) / stepsPerEpoch}: it stays as it is.";
        }
    }

    public static double Fraction(string schedule, string option, double value) =>
        value is >= 0 and <= 1 ? value : throw new KdException(
            $"{schedule}: {option} {value} came; expected 0 to 1, for it is relative to the learning rate.");

    public static double Positive(string schedule, string option, double value) =>
        value > 0 && double.IsFinite(value) ? value : throw new KdException(
            $"{schedule}: {option} {value} came; expected a number greater than 0.");
}
