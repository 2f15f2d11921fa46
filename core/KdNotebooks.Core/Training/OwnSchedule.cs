using KdNotebooks.Parts;

namespace KdNotebooks.Training;

/// <summary>
/// A reader's function as a schedule; in a recipe it stands under its name with its code's fingerprint.
/// </summary>
/// <param name="name">In recipes, tables and commands: "mine".</param>
/// <param name="factor">
/// From (step from 0, steps of the run, steps an epoch) to what the learning rate is multiplied by.
/// </param>
public sealed class OwnSchedule(string name, Func<int, int, int, double> factor) : ISchedule, IOwnPart
{
    public string Name => name;

    public double Factor(int step, int steps, int stepsPerEpoch) => factor(step, steps, stepsPerEpoch);
}
