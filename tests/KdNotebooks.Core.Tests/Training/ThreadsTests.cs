using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Models;
using KdNotebooks.Native;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Segmentation;
using KdNotebooks.Training;
using KdNotebooks.Weights;

namespace KdNotebooks.Tests.Training;

/// <summary>Torch's generator is the process's; a student's dropout is its own all the same.</summary>
[Collection(TorchState.Name)]
public sealed class ThreadsTests
{
    private const int Side = 16, Classes = 3, Steps = 6;

    [Fact]
    public void Two_students_with_dropout_that_are_trained_at_once_end_as_one_after_the_other()
    {
        string[] alone = [Trained(1, null), Trained(2, null)];
        Assert.NotEqual(alone[0], alone[1]);

        for (var round = 0; round < 3; round++)
        {
            using var both = new Barrier(2);
            var together = new string[2];
            var made = new[] { Make(1), Make(2) };
            Thread[] threads = [.. made.Select((one, i) => new Thread(() => together[i] = Train(one, both)))];
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());
            Assert.Equal(alone, together);
        }
    }

    private static string Trained(int seed, Barrier? barrier) => Train(Make(seed), barrier);

    private static (SegmentationModel Student, int Seed) Make(int seed)
    {
        Seed.Set(seed);
        return (new SegmenterSpec(SegmentationHead.Fcn, Width: 4, HeadChannels: 8, Auxiliary: true).Build(3, Classes), seed);
    }

    // The trainer's first random state is the seed's.
    private static string Train((SegmentationModel Student, int Seed) made, Barrier? both)
    {
        using var scope = torch.NewDisposeScope();
        var task = Task;
        using var student = made.Student;
        using var distiller = new Distiller(student, task, Guidance.None, TeacherMaps.None, 3, Side, Side);
        StudentTrainer trainer;
        lock (Gate)
        {
            Seed.Set(made.Seed);
            trainer = new StudentTrainer(
                distiller, task, new StudentTrainerOptions($"{made.Seed}", new Sgd(0.05), new Constant()), new Log(),
                torch.CPU);
        }

        both?.SignalAndWait();
        using (trainer)
        {
            new Cohort(task, null, new StreamOptions(1, 2, 1, Steps), torch.CPU).Train(
                [trainer], ProgressReporter.Silent, CancellationToken.None);
        }

        return StateDict.Fingerprint(student);
    }

    private static Lock Gate { get; } = new();

    private static SegmentationTask Task
    {
        get
        {
            var table = new LabelTable(
                "three", [.. Enumerable.Range(0, Classes).Select(i => new LabelRow((byte)i, $"{i}", i, i))]);
            var random = new Random(1);
            var set = LabelMapSet.Of("noise", table, [.. Enumerable.Range(0, 6).Select(i =>
            {
                var (image, labels) = (new byte[3 * Side * Side], new byte[Side * Side]);
                random.NextBytes(image);
                return LabelMap.Sample($"{i}", Side, Side, image, [.. labels.Select(_ => (byte)random.Next(Classes))]);
            })]);
            return new SegmentationTask(
                new Dataset("noise", set, set, null, [0.5f, 0.5f, 0.5f], [0.3f, 0.3f, 0.3f]), PaddedCrop.None);
        }
    }
}
