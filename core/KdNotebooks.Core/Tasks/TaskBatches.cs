using KdNotebooks.Data;

namespace KdNotebooks.Tasks;

/// <summary>Images as the networks of a task take them: the same in training, in a rehearsal of it, and in evaluation.</summary>
internal static class TaskBatches
{
    /// <summary>Normalized by the data's mean and deviation, and padded to the task's stride.</summary>
    public static Batch BatchOf(this ITask task, PixelBatch pixels, torch.Device device) =>
        pixels.On(task.Data.Mean, task.Data.Std, device, task.Stride);
}
