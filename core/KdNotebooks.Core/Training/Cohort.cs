using System.Diagnostics;
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
/// <param name="Accumulate">Batches a step, at least 1 (the default).</param>
public sealed record StreamOptions(int Epochs, int BatchSize, int Seed, int? Iterations = null, int Accumulate = 1)
{
    internal long ImagesPerStep => (long)BatchSize * Accumulate;
}

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
    private readonly int stepsPerPass, stepsPerEpoch;

    /// <param name="task">What all of them are trained for, and on which images.</param>
    /// <param name="teacher">Owned by the caller; null where no member needs one.</param>
    /// <exception cref="KdException">
    /// The training set does not fill one batch, its images do not fit into one, or a number is out of range.
    /// </exception>
    public Cohort(ITask task, ITeacher? teacher, StreamOptions stream, torch.Device device)
    {
        (this.task, this.teacher, this.stream, this.device) = (task, teacher, stream, device);
        if (stream.Epochs < 1 || stream.BatchSize < 1 || stream.Accumulate < 1)
        {
            throw new KdException(
                $"Cohort: {stream.Epochs} epochs of batches of {stream.BatchSize}"
                + (stream.Accumulate == 1 ? "" : $", {stream.Accumulate} batches a step")
                + "; expected at least 1 each.");
        }

        var images = task.Data.Train.Count;
        if (images < stream.BatchSize)
        {
            throw new KdException(
                $"Cohort: a batch of {stream.BatchSize} is more than the {images} training images; "
                + "lower the batch size or take more images.");
        }

        if (images < stream.ImagesPerStep)
        {
            throw new KdException(
                $"Cohort: a step of {stream.Accumulate} batches of {stream.BatchSize} is more than the {images} training "
                + "images; lower one of the two or take more images.");
        }

        if (stream.Iterations is { } steps && (steps < stream.Epochs || steps % stream.Epochs != 0))
        {
            throw new KdException(
                $"Cohort: {steps} iterations in {stream.Epochs} epochs; expected a multiple of the epochs, for each "
                + "has as many.");
        }

        task.RequireTrainable(stream.BatchSize);
        loader = new BatchLoader(task.Data.Train, stream.BatchSize, stream.Seed, task.Augmentation, dropLast: true);
        stepsPerPass = (int)(images / stream.ImagesPerStep);
        stepsPerEpoch = stream.Iterations / stream.Epochs ?? stepsPerPass;
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
        var active = members.Select(member => new Place(member, progress.Start(member.Name, Images(steps), "images"))).ToList();
        using var batches = Batches(cancellation).GetEnumerator();
        try
        {
            for (var epoch = 1; epoch <= stream.Epochs && active.Count > 0; epoch++)
            {
                var clock = Stopwatch.StartNew();
                var last = TrainEpoch(active, batches, epoch, cancellation);
                var timing = new EpochTiming(epoch, last.Step + 1, Images(stepsPerEpoch), clock.Elapsed.TotalSeconds);
                EndEpoch(active, last, cancellation);
                active.ForEach(place => place.Member.Time(timing));
                // Who is done leaves; the others see what they would have seen without it.
                active.Where(place => place.Member.Stopped is not null).ToList().ForEach(place => place.Bar.Dispose());
                active.RemoveAll(place => place.Member.Stopped is not null);
            }
        }
        finally
        {
            active.ForEach(place => place.Bar.Dispose());
        }
    }

    private Position TrainEpoch(
        List<Place> active, IEnumerator<PixelBatch> batches, int epoch, CancellationToken cancellation)
    {
        var at = new Position(epoch, ((epoch - 1) * stepsPerEpoch) - 1, Steps, stepsPerEpoch);
        for (var step = 0; step < stepsPerEpoch; step++)
        {
            at = at with { Step = at.Step + 1 };
            for (var part = 0; part < stream.Accumulate && batches.MoveNext(); part++)
            {
                cancellation.ThrowIfCancellationRequested();
                Step(active, batches.Current, at, new Part(part, stream.Accumulate));
            }
        }

        return at;
    }

    // Pass after pass: it ends when nobody asks any more. Of each as many batches as fill whole steps.
    private IEnumerable<PixelBatch> Batches(CancellationToken cancellation)
    {
        for (var pass = 1; ; pass++)
        {
            foreach (var batch in loader.Epoch(pass, cancellation).Take(stepsPerPass * stream.Accumulate))
            {
                yield return batch;
            }
        }
    }

    private void Step(List<Place> active, PixelBatch pixels, Position at, Part part)
    {
        using var scope = torch.NewDisposeScope();
        var batch = task.BatchOf(pixels, device);
        var features = teacher is not null && active.Any(place => place.Member.Distiller.NeedsTeacher)
            ? teacher.Features(batch)
            : new Dictionary<string, Tensor>();
        foreach (var (member, bar) in active)
        {
            member.Step(batch, features, at, part);
            Report(member, bar, at);
        }
    }

    private void EndEpoch(List<Place> active, Position at, CancellationToken cancellation)
    {
        var scores = new Queue<Score>(Evaluation.Scores(
            task, [.. active.SelectMany(place => place.Member.Measured)], "validation", device, cancellation));
        foreach (var (member, bar) in active)
        {
            member.EndEpoch(at, scores.Dequeue(), member.Measured.Count > 1 ? scores.Dequeue() : null);
            Report(member, bar, at);
        }
    }

    private void Report(StudentTrainer member, IProgressTask bar, Position at) =>
        bar.Report(Images(at.Step + 1), $"epoch {at.Epoch}/{stream.Epochs}, {member.Standing}");

    private long Images(int steps) => steps * stream.ImagesPerStep;

    private readonly record struct Place(StudentTrainer Member, IProgressTask Bar);
}
