namespace KdNotebooks.Training;

/// <summary>
/// What the learning rate is multiplied by at a step: a pure function, so that a run can stop and go on, and one
/// schedule serve a whole cohort. (TorchSharp's schedulers keep their place inside the optimiser.)
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

/// <summary>Half a cosine from 1 down to <paramref name="Floor"/>. Loshchilov and Hutter 2016 (arXiv:1608.03983).</summary>
/// <param name="Floor">The default value is 0.</param>
public sealed record Cosine(double Floor = 0) : ISchedule
{
    public double Factor(int step, int steps, int stepsPerEpoch) =>
        Floor + ((1 - Floor) * 0.5 * (1 + Math.Cos(Math.PI * step / steps)));
}

/// <summary>Multiplied by <paramref name="Gamma"/> after each of these epochs.</summary>
/// <param name="Epochs">Counted from 1: 30 means that the 31st epoch is the first with the lower rate.</param>
/// <param name="Gamma">The default value is 0.1.</param>
public sealed record MultiStep(IReadOnlyList<int> Epochs, double Gamma = 0.1) : ISchedule
{
    public double Factor(int step, int steps, int stepsPerEpoch) =>
        Math.Pow(Gamma, Epochs.Count(epoch => step >= epoch * stepsPerEpoch));
}

/// <summary>(1 - step / steps) to a power, never below a floor: segmentation's "poly".</summary>
/// <param name="Power">The default value is 0.9.</param>
/// <param name="Floor">Relative to the learning rate. The default value is 0.</param>
public sealed record Polynomial(double Power = 0.9, double Floor = 0) : ISchedule
{
    public double Factor(int step, int steps, int stepsPerEpoch) =>
        Math.Max(Floor, Math.Pow(1 - ((double)step / steps), Power));
}

/// <summary>A straight line from <paramref name="Start"/> up to what <paramref name="Then"/> gives, over the first steps.</summary>
/// <param name="Steps">How many.</param>
/// <param name="Then">The schedule that it leads into; its clock runs from the beginning.</param>
/// <param name="Start">The factor at step 0. The default value is 0.001.</param>
public sealed record WarmUp(int Steps, ISchedule Then, double Start = 0.001) : ISchedule
{
    public double Factor(int step, int steps, int stepsPerEpoch)
    {
        var factor = Then.Factor(step, steps, stepsPerEpoch);
        return step < Steps ? factor * (Start + ((1 - Start) * step / Steps)) : factor;
    }
}
