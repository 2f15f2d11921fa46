using System.Runtime.InteropServices;
using KdNotebooks.Data;
using KdNotebooks.Masks;
using KdNotebooks.Models.Detection;
using KdNotebooks.Native;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Detection;
using KdNotebooks.Training;

namespace KdNotebooks.Benchmarks;

/// <summary>Resident memory and live tensors over two thousand steps of a detector whose images have 0 to 12 things.</summary>
internal static partial class DetectorMemory
{
    private const int WarmUp = 300, Steps = 2000, Side = 64, Images = 2, Most = 12;

    public static IEnumerable<Claim> Run()
    {
        Seed.Set(1);
        using var model = new FasterRcnnSpec(
            18, 4, Channels: 8, SmallestAnchor: 8, HeadWidth: 16, Proposals: new ProposalOptions(60, 30, 60, 30, Anchors: 32),
            Regions: 32).Build(3, 10);
        using var trainer = DetectorStep.Trainer(model);
        Train(trainer, 0, WarmUp);
        var (before, tensors) = (Resident(), DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Train(trainer, WarmUp, Steps);
        var (after, left) = (Resident(), DisposeScopeManager.Statistics.ThreadTotalLiveCount - tensors);
        Console.WriteLine($"  resident {before:F1} MB after {WarmUp} steps, {after:F1} MB after {Steps} more; tensors left: {left}");
        yield return new Claim($"tensors left by {Steps:N0} steps of a detector", left, 0, AtLeast: false, "");
        yield return new Claim(
            $"growth of resident memory over {Steps:N0} steps of a detector", 100 * (after - before) / before, 2, AtLeast: false, " %");
    }

    private static void Train(StudentTrainer trainer, int first, int steps)
    {
        var size = new ImageSize(Side, Side);
        for (var step = first; step < first + steps; step++)
        {
            using var scope = torch.NewDisposeScope();
            var dice = RandomStream.Of([7, (ulong)step]);
            var things = new List<Things>();
            for (var image = 0; image < Images; image++)
            {
                var all = new List<Thing>();
                for (var left = dice.NextInt(Most + 1); left > 0; left--)
                {
                    all.Add(new Thing(dice.NextInt(10), new ImageBox(
                        dice.NextInt(Side - 24), dice.NextInt(Side - 24), 4 + dice.NextInt(20), 4 + dice.NextInt(20))));
                }

                things.Add(new Things(all, size));
            }

            var batch = Batch.Of(torch.randn(Images, 3, Side, Side)) with
            {
                Targets = ThingBatch.Of(things, size, torch.CPU),
                Keys = new SampleKeys([0, 1], step),
            };
            trainer.Step(batch, new Dictionary<string, Tensor>(), new Position(1, step, WarmUp + Steps, WarmUp + Steps));
        }
    }

    private static double Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        // What the allocator keeps for the next step is no leak.
        if (OperatingSystem.IsLinux())
        {
            _ = Trim(0);
        }

        var line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("VmRSS", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024;
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nint pad);
}
