using KdNotebooks.Training;

namespace KdNotebooks.Runs;

/// <summary>A run's numbers as TensorBoard's events, in the run's folder: a point an epoch.</summary>
/// <remarks>The file's name and what stands in it hold the time: it is never the same twice.</remarks>
internal sealed class RunEvents(string folder)
{
    private readonly TorchSharp.Modules.SummaryWriter writer = torch.utils.tensorboard.SummaryWriter(folder);

    public void Write(EpochRecord record, EpochTiming timing)
    {
        foreach (var (term, value) in record.Losses)
        {
            Add($"loss/{term}", value);
        }

        Add("learning rate", record.LearningRate);
        foreach (var metric in record.Validation.All)
        {
            Add($"validation/{metric.Name}", metric.Value);
        }

        foreach (var metric in record.Average?.All ?? [])
        {
            Add($"validation of the average/{metric.Name}", metric.Value);
        }

        Add("images per second", timing.ImagesPerSecond);

        void Add(string tag, double value) => writer.add_scalar(tag, (float)value, record.Step);
    }
}
