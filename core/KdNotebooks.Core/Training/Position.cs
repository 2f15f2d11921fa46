namespace KdNotebooks.Training;

/// <summary>Where in its run a cohort stands.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Step">From 0, over the whole run.</param>
/// <param name="Steps">Of the whole run.</param>
/// <param name="StepsPerEpoch">What an epoch is.</param>
public readonly record struct Position(int Epoch, int Step, int Steps, int StepsPerEpoch);

/// <summary>Which of a step's batches is at hand.</summary>
/// <param name="Number">From 0.</param>
/// <param name="Of">How many batches the step has.</param>
public readonly record struct Part(int Number, int Of);
