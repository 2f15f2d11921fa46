using KdNotebooks.Aligners;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Native;
using KdNotebooks.Tests.Distillation;
using KdNotebooks.Training;
using KdNotebooks.Weights;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Training;

/// <summary>What a run wrote down.</summary>
internal sealed class Log : ITrainingLog
{
    public List<EpochRecord> Epochs { get; } = [];

    public List<string> Students { get; } = [];

    public string? LastCheckpoint { get; set; }

    public void EpochEnded(EpochRecord record, Distiller distiller)
    {
        Epochs.Add(record);
        Students.Add(StateDict.Fingerprint(distiller.Student.Root));
    }
}

/// <summary>One small student, with all that a cohort needs of it.</summary>
internal sealed class TestRun : IDisposable
{
    public static readonly Connection Feature = new("body", "body", new ChannelMlp(), new L2Loss(), 2);

    public TestRun(
        long seed, Connection? feature = null, LogitConnection? logits = null, IOptimizer? optimizer = null,
        ISchedule? schedule = null, double? clip = null, Module<Tensor, Tensor>? student = null,
        ParameterRules? rules = null)
    {
        Seed.Set(seed);
        Student = student ?? Tiny.Classifier(4, dropout: 0.3);
        Distiller = new Distiller(
            Network.Of(Student), Tiny.Task, new Guidance(feature is null ? [] : [feature], logits),
            new TeacherMaps(new Dictionary<string, long[]> { ["body"] = [6, 4, 5], [""] = [3] }), Tiny.Image);
        StudentTrainer = new StudentTrainer(
            Distiller, Tiny.Task,
            new StudentTrainerOptions($"run {seed}", optimizer ?? new Sgd(), schedule ?? new Cosine(), clip, Rules: rules), Log, torch.CPU);
    }

    public Module<Tensor, Tensor> Student { get; }

    public Distiller Distiller { get; }

    public StudentTrainer StudentTrainer { get; }

    public Log Log { get; } = new();

    /// <summary>Of weights, running statistics and aligners.</summary>
    public string Fingerprint => StateDict.Fingerprint(Student) + StateDict.Fingerprint(Distiller.Aligners);

    public void Dispose()
    {
        StudentTrainer.Dispose();
        Distiller.Dispose();
        Student.Dispose();
    }
}
