using KdNotebooks.Distillation;
using KdNotebooks.Tasks;

namespace KdNotebooks.Training;

/// <summary>What one epoch of one run came to.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Step">Steps taken since the beginning.</param>
/// <param name="LearningRate">At the epoch's last step.</param>
/// <param name="Losses">Mean over the epoch of each weighted term, by name; "total" is their sum.</param>
/// <param name="Validation">The student's score on the validation images.</param>
public sealed record EpochRecord(
    int Epoch, int Step, double LearningRate, IReadOnlyDictionary<string, double> Losses, Score Validation);

/// <summary>Where a run writes down how it goes: a run folder, or a test.</summary>
public interface ITrainingLog
{
    /// <summary>The last student that was kept; null where none was.</summary>
    string? LastCheckpoint { get; }

    /// <summary>Called after each epoch, with the weights as they are then.</summary>
    void EpochEnded(EpochRecord record, Distiller distiller);
}
