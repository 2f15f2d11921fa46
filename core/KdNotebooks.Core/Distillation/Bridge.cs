using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Losses;
using KdNotebooks.Ops;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Distillation;

/// <summary>A <see cref="Distillation.Connection"/> built for two models: its trainable modules and its loss.</summary>
internal sealed class Bridge : Module<Tensor, Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor>? spatial;
    private readonly Module<Tensor, Tensor> aligner;
    private readonly Module<Tensor, Tensor, Tensor>? criterion;
    private readonly bool lossFits; // the loss itself brings the sizes together
    private readonly (FeatureShape Student, FeatureShape Teacher) compared;

    /// <param name="ofParts">Whether the maps are of parts of images, and not one an image.</param>
    /// <param name="scores">Shape of the teacher's scores, [1, H, W]; null where the connection names none.</param>
    public Bridge(
        Connection connection, long[] student, long[] teacher, ChannelStatistics? norm = null, bool ofParts = false,
        long[]? scores = null)
        : base(nameof(Bridge))
    {
        (Connection, OfParts) = (connection, ofParts);
        var (ours, theirs) = (
            FeatureShape.Of(connection.Student, student), FeatureShape.Of(connection.Teacher, teacher));
        try
        {
            RequireScored(scores);
            lossFits = connection.Spatial == SpatialPolicy.None && connection.Loss.Fit != MapFit.SameShape;
            if (!lossFits)
            {
                (spatial, ours, theirs) = Resize(connection, ours, theirs);
            }

            aligner = connection.Aligner.BuildGuarded(ours.Channels, theirs.Channels);
            var aligned = connection.Aligner is Identity ? ours : ours with { Channels = theirs.Channels };
            RequireFit(connection.Loss, aligned, theirs);
            criterion = connection.Loss.BuildGuarded(aligned, theirs, norm);
            RequireNoTargets();
            compared = (aligned, theirs);
        }
        catch (KdException error)
        {
            throw new KdException(
                $"Connection from student '{connection.Student}' to teacher '{connection.Teacher}': {error.Message}",
                error);
        }

        RegisterComponents();
        ChannelsLast.Apply(this);
    }

    public Connection Connection { get; }

    /// <summary>Whether the maps are of parts of images, and not one an image.</summary>
    public bool OfParts { get; }

    /// <summary>What learns beside the student, by what it is called.</summary>
    public IReadOnlyList<(string Name, Module Module)> Parts =>
    [
        .. spatial is null ? [] : new (string, Module)[] { ($"the {Connection.Spatial} before it", spatial) },
        ($"the aligner '{Connection.Aligner.Name}'", aligner),
        .. criterion is null ? [] : new (string, Module)[] { ($"the loss '{Connection.Loss.Name}'", criterion) },
    ];

    /// <summary>What of the loss is constant for these maps, or does nothing without scores.</summary>
    public Idle? Idle(int images) => Connection is { Loss: IScoredLoss loss, Scores: null }
        ? new Idle(
            $"{loss.Name} weighs all positions alike, for no scores of the teacher are named. Name its class logits "
            + "(`scoredBy`, or Scores of the connection), or compare with l2.", Whole: false)
        : Connection.Loss.IdleFor(compared.Student, compared.Teacher, images);

    /// <summary>The student's map as the loss sees it, at the size that the teacher's has in this batch.</summary>
    // [N, C_s, H_s, W_s], [N, C_t, H_t, W_t] -> [N, C_t, H_t, W_t]
    public override Tensor forward(Tensor student, Tensor teacher)
    {
        if (lossFits)
        {
            return aligner.call(student);
        }

        using var fitted = SpatialPolicies.Fit(Connection.Spatial, spatial, student, teacher);
        return aligner.call(fitted);
    }

    /// <summary>The loss between the student's map, which is aligned first, and the teacher's; not yet weighted.</summary>
    /// <param name="scores">[N, 1, h, w], brought to the map's size; null where the connection names none.</param>
    public Tensor Compare(Tensor student, Tensor teacher, Batch batch, Tensor? scores = null)
    {
        using var scope = torch.NewDisposeScope();
        RequireRows(student, teacher);
        if (OfParts && student.shape[0] == 0)
        {
            return student.sum().MoveToOuterDisposeScope(); // an empty sum, and not a mean over nothing
        }

        var (padding, pooled) = (
            student.dim() == 4 && !OfParts ? Padding.Of(batch) : null, Connection.Spatial == SpatialPolicy.Global);
        if (padding is not null && pooled)
        {
            (student, teacher) = (padding.Clear(student, keepMean: true), padding.Clear(teacher, keepMean: true));
        }

        var aligned = Connection.Aligner.Align(
            map => call(map, teacher), student, teacher, Connection.Loss.Fit == MapFit.Any);
        var target = pooled ? teacher.mean([2, 3], keepdim: true) : teacher;
        return MapTerm.Of(Connection.Loss, criterion, aligned, target, batch, pooled ? null : padding, scores)
            .MoveToOuterDisposeScope();
    }

    private void RequireScored(long[]? scores)
    {
        if (scores is null)
        {
            return;
        }

        if (Connection.Loss is not IScoredLoss)
        {
            throw new KdException(
                $"scores '{Connection.Scores}' are named, and {Connection.Loss.Name} does not weigh positions by scores; "
                + "compare with score-l2, or leave them out.");
        }

        if (OfParts)
        {
            throw new KdException(
                $"scores '{Connection.Scores}' weigh positions of whole images, and the maps are of parts of them; leave the "
                + "scores out, or compare maps of images.");
        }

        if (Connection.Spatial == SpatialPolicy.Global)
        {
            throw new KdException(
                $"scores '{Connection.Scores}' weigh positions, and the spatial policy Global leaves one; choose another "
                + "policy.");
        }
    }

    private void RequireRows(Tensor student, Tensor teacher)
    {
        if (student.shape[0] != teacher.shape[0])
        {
            throw new KdException(
                $"Connection from student '{Connection.Student}' to teacher '{Connection.Teacher}': the student's map is of "
                + $"{student.shape[0]} images or parts of them, the teacher's of {teacher.shape[0]}; expected maps of the same.");
        }
    }

    private void RequireNoTargets()
    {
        if (OfParts && (criterion is ITargetCriterion || Connection.Loss is ITargetLoss))
        {
            throw new KdException(
                $"{Connection.Loss.Name} looks at the targets of whole images, and the maps are of parts of them; take another "
                + "loss, or maps of images.");
        }
    }

    private static (Module<Tensor, Tensor>? Spatial, FeatureShape Ours, FeatureShape Theirs) Resize(
        Connection connection, FeatureShape ours, FeatureShape theirs)
    {
        var spatial = SpatialPolicies.Build(connection.Spatial, ours, theirs);
        var size = connection.Spatial == SpatialPolicy.Global ? new FeatureShape(theirs.Channels, 1, 1) : theirs;
        return (spatial, size with { Channels = ours.Channels }, size);
    }

    private static void RequireFit(IFeatureLoss loss, FeatureShape student, FeatureShape teacher)
    {
        if (loss.Fit != MapFit.Any && student.Channels != teacher.Channels)
        {
            throw new KdException(
                $"{loss.Name} compares maps with equal channels; the student's {student} and the teacher's {teacher} "
                + "(channels, height, width) differ. Use an aligner that changes the number of channels: Linear or "
                + "ChannelMlp.");
        }
    }
}
