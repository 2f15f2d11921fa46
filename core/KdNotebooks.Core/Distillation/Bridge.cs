using KdNotebooks.Aligners;
using KdNotebooks.Losses;
using KdNotebooks.Ops;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Distillation;

/// <summary>A <see cref="Distillation.Connection"/> built for two models: its trainable modules and its loss.</summary>
internal sealed class Bridge : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor>? spatial;
    private readonly Module<Tensor, Tensor> aligner;
    private readonly Module<Tensor, Tensor, Tensor>? criterion;

    public Bridge(Connection connection, long[] student, long[] teacher, ChannelStatistics? norm = null)
        : base(nameof(Bridge))
    {
        Connection = connection;
        var (ours, theirs) = (
            FeatureShape.Of(connection.Student, student), FeatureShape.Of(connection.Teacher, teacher));
        try
        {
            (spatial, ours, theirs) = Resize(connection, ours, theirs);
            aligner = connection.Aligner.BuildGuarded(ours.Channels, theirs.Channels);
            var aligned = connection.Aligner is Identity ? ours : ours with { Channels = theirs.Channels };
            RequireFit(connection.Loss, aligned, theirs);
            criterion = connection.Loss.BuildGuarded(aligned, theirs, norm);
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

    // [N, C_s, H_s, W_s] -> [N, C_t, H_t, W_t]
    public override Tensor forward(Tensor map)
    {
        if (spatial is null)
        {
            return aligner.call(map);
        }

        using var resized = spatial.call(map);
        return aligner.call(resized);
    }

    /// <summary>The loss between the student's map, which is aligned first, and the teacher's; not yet weighted.</summary>
    public Tensor Compare(Tensor student, Tensor teacher)
    {
        using var scope = torch.NewDisposeScope();
        var aligned = Connection.Aligner.Align(call, student, teacher, Connection.Loss.Fit == MapFit.Any);
        var target = Connection.Spatial == SpatialPolicy.Global ? teacher.mean([2, 3], keepdim: true) : teacher;
        var loss = criterion is null
            ? Connection.Loss.Guard(aligned, target)
            : Connection.Loss.Guard(aligned, target, criterion.call);
        return loss.MoveToOuterDisposeScope();
    }

    private static (Module<Tensor, Tensor>? Spatial, FeatureShape Ours, FeatureShape Theirs) Resize(
        Connection connection, FeatureShape ours, FeatureShape theirs)
    {
        if (connection.Spatial == SpatialPolicy.None && connection.Loss.Fit != MapFit.SameShape)
        {
            return (null, ours, theirs); // the loss brings the sizes together
        }

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
