using System.Text.Json.Nodes;
using KdNotebooks.Runtime;
using KdNotebooks.Training;

namespace KdNotebooks.Runs;

/// <summary>How far a run came, as its manifest says it.</summary>
/// <param name="Word">"running", "complete", "stopped" (by whoever started it) or "failed".</param>
/// <param name="Epochs">Finished and kept; null where that is not said.</param>
/// <param name="Why">What failed, in a line; null where nothing did.</param>
/// <param name="Early">Where training ended before the last epoch; null where it did not.</param>
internal sealed record RunStatus(string Word, int? Epochs = null, string? Why = null, EarlyStop? Early = null)
{
    public static RunStatus Running { get; } = new("running");

    /// <summary>What is to be said of a run that an exception ended.</summary>
    public static RunStatus EndedBy(Exception error, int epochs) => error is OperationCanceledException
        ? new("stopped", epochs)
        : new("failed", epochs, Failure.Line(error));

    public void NoteIn(JsonObject manifest)
    {
        if (Epochs is { } epochs)
        {
            manifest["epochsKept"] = epochs;
        }

        if (Why is not null)
        {
            manifest["why"] = Why;
        }

        if (Early is not null)
        {
            manifest["stoppedEarly"] = new JsonObject
            {
                ["epoch"] = Early.Epoch,
                ["bestEpoch"] = Early.BestEpoch,
                ["why"] = Early.Reason,
            };
        }
    }
}
