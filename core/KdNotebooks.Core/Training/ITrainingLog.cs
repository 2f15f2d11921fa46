using KdNotebooks.Distillation;
using KdNotebooks.Models;
using KdNotebooks.Tasks;

namespace KdNotebooks.Training;

/// <summary>What one epoch of one run came to.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Step">Steps taken since the beginning.</param>
/// <param name="LearningRate">At the epoch's last step.</param>
/// <param name="Losses">Mean over the epoch of each weighted term, by name; "total" is their sum.</param>
/// <param name="Validation">The student's score on the validation images.</param>
public sealed record EpochRecord(
    int Epoch, int Step, double LearningRate, IReadOnlyDictionary<string, double> Losses, Score Validation)
{
    /// <summary>The score of the average of the student's weights; null where none is kept.</summary>
    public Score? Average { get; init; }
}

/// <summary>How long the steps of one epoch took, reading and the teacher's passes included, evaluation not.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Step">Steps taken since the beginning.</param>
/// <param name="Images">Of the epoch.</param>
/// <param name="Seconds">By the clock; all students of a cohort share it.</param>
public readonly record struct EpochTiming(int Epoch, int Step, long Images, double Seconds)
{
    public double ImagesPerSecond => Images / Math.Max(Seconds, 1e-9);
}

/// <summary>Where a run writes down how it goes: a run folder, or a test.</summary>
public interface ITrainingLog
{
    /// <summary>The last student that was kept; null where none was.</summary>
    string? LastCheckpoint { get; }

    /// <summary>Called after each epoch, with the weights as they are then.</summary>
    void EpochEnded(EpochRecord record, Distiller distiller);

    /// <summary>Called behind it where an average of the student's weights is kept. The default does nothing.</summary>
    void AverageEnded(EpochRecord record, INetwork average)
    {
    }

    /// <summary>Called last: what differs from run to run. The default does nothing.</summary>
    void EpochTimed(EpochTiming timing)
    {
    }
}
