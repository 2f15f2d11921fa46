using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;

namespace KdNotebooks.Training;

/// <summary>What the students of a cohort have in common: the stream of images that they all see.</summary>
/// <param name="Seed">Decides the order of images, and their augmentation where that has no seed of its own.</param>
public sealed record StreamOptions(int Epochs, int BatchSize, Augmentation Augmentation, int Seed);

/// <summary>
/// Trains students side by side against one pass of the data and one pass of the teacher per batch. A student that is
/// trained in a cohort ends bit-identical to the same student trained alone: nothing but the batch is shared.
/// </summary>
public sealed class Cohort
{
    private readonly ImageData data;
    private readonly ITeacher? teacher;
    private readonly StreamOptions stream;
    private readonly torch.Device device;
    private readonly int stepsPerEpoch;

    /// <param name="teacher">Owned by the caller; null where no member needs one.</param>
    /// <exception cref="KdException">The training set does not fill one batch, or a number is out of range.</exception>
    public Cohort(ImageData data, ITeacher? teacher, StreamOptions stream, torch.Device device)
    {
        (this.data, this.teacher, this.stream, this.device) = (data, teacher, stream, device);
        if (stream.Epochs < 1 || stream.BatchSize < 1)
        {
            throw new KdException(
                $"Cohort: {stream.Epochs} epochs of batches of {stream.BatchSize}; expected at least 1 each.");
        }

        stepsPerEpoch = data.Train.Count / stream.BatchSize;
        if (stepsPerEpoch == 0)
        {
            throw new KdException(
                $"Cohort: a batch of {stream.BatchSize} is more than the {data.Train.Count} training images; "
                + "lower the batch size or take more images.");
        }
    }

    /// <summary>Trains every member to the end of its run.</summary>
    /// <exception cref="KdException">A member needs a teacher, and there is none.</exception>
    /// <exception cref="DivergedException">A member's loss or gradient is not finite.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; what the logs have kept stays.</exception>
    public void Train(
        IReadOnlyList<Member> members, IProgressReporter? progress = null, CancellationToken cancellation = default)
    {
        if (teacher is null && members.FirstOrDefault(member => member.Distiller.NeedsTeacher) is { } pupil)
        {
            throw new KdException(
                $"{pupil.Name}: is held to a teacher, but the cohort has none; give the cohort a teacher.");
        }

        var steps = stepsPerEpoch * stream.Epochs;
        progress ??= ProgressReporter.Current;
        var bars = members.Select(member => progress.Start(member.Name, Images(steps), "images")).ToList();
        using var pause = new CollectionPause();
        try
        {
            for (var epoch = 1; epoch <= stream.Epochs; epoch++)
            {
                var last = TrainEpoch(members, bars, pause, epoch, steps, cancellation);
                pause.Renew();
                EndEpoch(members, bars, last, cancellation);
            }
        }
        finally
        {
            bars.ForEach(bar => bar.Dispose());
        }
    }

    private Position TrainEpoch(
        IReadOnlyList<Member> members, List<IProgressTask> bars, CollectionPause pause, int epoch, int steps,
        CancellationToken cancellation)
    {
        var at = new Position(epoch, ((epoch - 1) * stepsPerEpoch) - 1, steps, stepsPerEpoch);
        var loader = new BatchLoader(data.Train, stream.BatchSize, stream.Seed, stream.Augmentation, dropLast: true);
        foreach (var batch in loader.Epoch(epoch, cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
            at = at with { Step = at.Step + 1 };
            pause.Renew();
            Step(members, bars, batch, at);
        }

        return at;
    }

    private void Step(IReadOnlyList<Member> members, List<IProgressTask> bars, Batch batch, Position at)
    {
        using var scope = torch.NewDisposeScope();
        var (images, labels) = batch.ToTensors(data.Mean, data.Std, device);
        var features = teacher is not null && members.Any(member => member.Distiller.NeedsTeacher)
            ? teacher.Features(batch, images)
            : new Dictionary<string, Tensor>();
        for (var i = 0; i < members.Count; i++)
        {
            members[i].Step(images, labels, features, at);
            bars[i].Report(Images(at.Step + 1), $"epoch {at.Epoch}/{stream.Epochs}, {members[i].Standing}");
        }
    }

    private void EndEpoch(
        IReadOnlyList<Member> members, List<IProgressTask> bars, Position at, CancellationToken cancellation)
    {
        var scores = Classification.Evaluate(
            [.. members.Select(member => member.Distiller.Student)],
            data.Validation, data.Mean, data.Std, device, cancellation);
        for (var i = 0; i < members.Count; i++)
        {
            members[i].EndEpoch(at, scores[i]);
            bars[i].Report(Images(at.Step + 1), $"epoch {at.Epoch}/{stream.Epochs}, {members[i].Standing}");
        }
    }

    private long Images(int steps) => (long)steps * stream.BatchSize;
}
