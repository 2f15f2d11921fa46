using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;

namespace KdNotebooks.Training;

/// <summary>What the students of a cohort have in common: the stream of images that they all see.</summary>
/// <param name="Epochs">How often the students are measured and kept: after each.</param>
/// <param name="BatchSize">Images a step.</param>
/// <param name="Seed">Decides the order of images, and their augmentation where that has no seed of its own.</param>
/// <param name="Iterations">
/// Steps in all, cut into epochs of equal length, which may then end within a pass over the images. The default value
/// null makes each epoch one pass.
/// </param>
public sealed record StreamOptions(int Epochs, int BatchSize, int Seed, int? Iterations = null);

/// <summary>
/// Trains students side by side against one pass of the data and one pass of the teacher per batch. A student that is
/// trained in a cohort ends bit-identical to the same student trained alone: nothing but the batch is shared.
/// </summary>
public sealed class Cohort
{
    private readonly ITask task;
    private readonly ITeacher? teacher;
    private readonly StreamOptions stream;
    private readonly torch.Device device;
    private readonly BatchLoader loader;
    private readonly int stepsPerEpoch;

    /// <param name="task">What all of them are trained for, and on which images.</param>
    /// <param name="teacher">Owned by the caller; null where no member needs one.</param>
    /// <exception cref="KdException">
    /// The training set does not fill one batch, its images do not fit into one, or a number is out of range.
    /// </exception>
    public Cohort(ITask task, ITeacher? teacher, StreamOptions stream, torch.Device device)
    {
        (this.task, this.teacher, this.stream, this.device) = (task, teacher, stream, device);
        if (stream.Epochs < 1 || stream.BatchSize < 1)
        {
            throw new KdException(
                $"Cohort: {stream.Epochs} epochs of batches of {stream.BatchSize}; expected at least 1 each.");
        }

        var images = task.Data.Train.Count;
        if (images < stream.BatchSize)
        {
            throw new KdException(
                $"Cohort: a batch of {stream.BatchSize} is more than the {images} training images; "
                + "lower the batch size or take more images.");
        }

        if (stream.Iterations is { } steps && (steps < stream.Epochs || steps % stream.Epochs != 0))
        {
            throw new KdException(
                $"Cohort: {steps} iterations in {stream.Epochs} epochs; expected a multiple of the epochs, for each "
                + "has as many.");
        }

        task.RequireTrainable(stream.BatchSize);
        loader = new BatchLoader(task.Data.Train, stream.BatchSize, stream.Seed, task.Augmentation, dropLast: true);
        stepsPerEpoch = stream.Iterations / stream.Epochs ?? images / stream.BatchSize;
    }

    /// <summary>Of the whole run.</summary>
    internal int Steps => stepsPerEpoch * stream.Epochs;

    internal int StepsPerEpoch => stepsPerEpoch;

    /// <summary>Trains every member to the end of its run.</summary>
    /// <exception cref="KdException">
    /// A member needs a teacher, and there is none; or its schedule does not fit the run.
    /// </exception>
    /// <exception cref="DivergedException">A member's loss or gradient is not finite.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; what the logs have kept stays.</exception>
    public void Train(
        IReadOnlyList<StudentTrainer> members, IProgressReporter? progress = null, CancellationToken cancellation = default)
    {
        if (teacher is null && members.FirstOrDefault(member => member.Distiller.NeedsTeacher) is { } pupil)
        {
            throw new KdException(
                $"{pupil.Name}: is held to a teacher, but the cohort has none; give the cohort a teacher.");
        }

        var steps = Steps;
        foreach (var member in members)
        {
            member.RequireSchedule(steps, stepsPerEpoch);
        }

        progress ??= ProgressReporter.Silent;
        var bars = members.Select(member => progress.Start(member.Name, Images(steps), "images")).ToList();
        using var batches = Batches(cancellation).GetEnumerator();
        try
        {
            for (var epoch = 1; epoch <= stream.Epochs; epoch++)
            {
                var last = TrainEpoch(members, bars, batches, epoch, cancellation);
                EndEpoch(members, bars, last, cancellation);
            }
        }
        finally
        {
            bars.ForEach(bar => bar.Dispose());
        }
    }

    private Position TrainEpoch(
        IReadOnlyList<StudentTrainer> members, List<IProgressTask> bars, IEnumerator<PixelBatch> batches, int epoch,
        CancellationToken cancellation)
    {
        var at = new Position(epoch, ((epoch - 1) * stepsPerEpoch) - 1, Steps, stepsPerEpoch);
        for (var step = 0; step < stepsPerEpoch && batches.MoveNext(); step++)
        {
            cancellation.ThrowIfCancellationRequested();
            at = at with { Step = at.Step + 1 };
            Step(members, bars, batches.Current, at);
        }

        return at;
    }

    // Pass after pass: it ends when nobody asks any more.
    private IEnumerable<PixelBatch> Batches(CancellationToken cancellation)
    {
        for (var pass = 1; ; pass++)
        {
            foreach (var batch in loader.Epoch(pass, cancellation))
            {
                yield return batch;
            }
        }
    }

    private void Step(IReadOnlyList<StudentTrainer> members, List<IProgressTask> bars, PixelBatch pixels, Position at)
    {
        using var scope = torch.NewDisposeScope();
        var batch = task.BatchOf(pixels, device);
        var features = teacher is not null && members.Any(member => member.Distiller.NeedsTeacher)
            ? teacher.Features(batch)
            : new Dictionary<string, Tensor>();
        for (var i = 0; i < members.Count; i++)
        {
            members[i].Step(batch, features, at);
            bars[i].Report(Images(at.Step + 1), $"epoch {at.Epoch}/{stream.Epochs}, {members[i].Standing}");
        }
    }

    private void EndEpoch(
        IReadOnlyList<StudentTrainer> members, List<IProgressTask> bars, Position at, CancellationToken cancellation)
    {
        var scores = Evaluation.Scores(
            task, [.. members.Select(member => member.Distiller.Student)], "validation", device, cancellation);
        for (var i = 0; i < members.Count; i++)
        {
            members[i].EndEpoch(at, scores[i]);
            bars[i].Report(Images(at.Step + 1), $"epoch {at.Epoch}/{stream.Epochs}, {members[i].Standing}");
        }
    }

    private long Images(int steps) => (long)steps * stream.BatchSize;
}
