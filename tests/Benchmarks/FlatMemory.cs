using KdNotebooks.Tasks.Classification;
namespace KdNotebooks.Benchmarks;

/// <summary>Resident memory and live tensors over ten thousand steps.</summary>
internal static class FlatMemory
{
    private const int Steps = 10, Epochs = 1000;

    public static IEnumerable<Claim> Run()
    {
        // Small batches: ten thousand steps in a minute or two. What leaks, leaks by the call, not by the pixel.
        var data = Datasets.FashionMnist.Mini().Take(8 * Steps, 2, 2);
        using var live = Setup.LiveTeacher();
        using var member = Setup.StudentTrainer(live);
        Train(data, live, member, Epochs / 10);
        var (before, tensors) = (Resident(), DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Train(data, live, member, Epochs);
        var (after, left) = (Resident(), DisposeScopeManager.Statistics.ThreadTotalLiveCount - tensors);
        Console.WriteLine($"  resident {before:F1} MB after {Epochs / 10 * Steps} steps, {after:F1} MB after {Epochs * Steps} more; tensors left: {left}");
        yield return new Claim($"tensors left by {Epochs * Steps:N0} steps", left, 0, AtLeast: false, "");
        yield return new Claim($"growth of resident memory over {Epochs * Steps:N0} steps", 100 * (after - before) / before, 2, AtLeast: false, " %");
    }

    private static void Train(Data.Dataset data, Distillation.ITeacher teacher, Training.StudentTrainer member, int epochs) =>
        new Training.Cohort(
            new ClassificationTask(data, new Data.PaddedCrop()), teacher, new Training.StreamOptions(epochs, 8, 1),
            torch.CPU)
            .Train([member], Runtime.ProgressReporter.Silent);

    private static double Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        var line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("VmRSS", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024;
    }
}
