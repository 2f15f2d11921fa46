using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Native;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Training;

namespace KdNotebooks.Benchmarks;

/// <summary>The networks and the data of notebook 01, and its training loop as it is.</summary>
internal static class Setup
{
    public const int BatchSize = 128;

    private static readonly ResNetSpec Teacher = new(14, 24), Student = new(8, 8);

    /// <summary>What members are trained for.</summary>
    public static ITask Task { get; } = new ClassificationTask(Data(1), new PaddedCrop());

    /// <summary>Images for so many steps an epoch; two images each to validate and test on, which cost nothing.</summary>
    public static Dataset Data(int steps) => FashionMnist.Mini().Take(BatchSize * steps, 2, 2);

    /// <summary>Untrained: what it costs does not depend on what it knows.</summary>
    public static LiveTeacher LiveTeacher()
    {
        Seed.Set(1);
        return new LiveTeacher(Network.Of(Teacher.Build(1, 10)), ["layer3"], 1, 28, 28);
    }

    public static ResNet PlainTeacher()
    {
        Seed.Set(1);
        var model = Teacher.Build(1, 10);
        model.eval();
        return model;
    }

    /// <summary>One student with the paper's aligner, or alone.</summary>
    public static StudentTrainer StudentTrainer(ITeacher? teacher, int seed = 1)
    {
        Seed.Set(seed);
        Connection[] connections = teacher is null ? [] : [new("layer3", "layer3", new ChannelMlp(), new L2Loss(), 5)];
        var distiller = new Distiller(
            Network.Of(Student.Build(1, 10)), Task, new Guidance(connections), teacher?.Maps ?? TeacherMaps.None, 1, 28, 28);
        return new StudentTrainer(
            distiller, Task, new StudentTrainerOptions($"seed {seed}", new Sgd(), new Cosine()), new NoLog(), torch.CPU);
    }

    /// <summary>Seconds a step of one epoch of a cohort, data loading and augmentation included.</summary>
    public static double SecondsPerStep(Dataset data, ITeacher? teacher, IReadOnlyList<StudentTrainer> members, IAugmentation? views = null)
    {
        var task = new ClassificationTask(data, views ?? new PaddedCrop());
        var cohort = new Cohort(task, teacher, new StreamOptions(1, BatchSize, 1), torch.CPU);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        cohort.Train(members, ProgressReporter.Silent);
        return clock.Elapsed.TotalSeconds / (data.Train.Count / BatchSize);
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    public sealed class NoLog : ITrainingLog
    {
        public string? LastCheckpoint => null;

        public void EpochEnded(EpochRecord record, Distiller distiller) { }
    }
}
