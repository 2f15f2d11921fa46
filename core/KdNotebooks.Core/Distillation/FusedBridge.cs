using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Losses;
using KdNotebooks.Ops;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Distillation;

/// <summary>
/// A <see cref="FusedConnection"/> built for two models: one fusion for each stage, and its loss. Maps and fusions stand
/// in the order of the stages, from shallow to deep.
/// </summary>
internal sealed class FusedBridge : Module<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>>
{
    private const int MostChannels = 512; // mdistiller's and the authors' bound

    private readonly List<AttentionFusion> fusions = [];
    private readonly List<Module<Tensor, Tensor, Tensor>?> criteria = [];
    private readonly List<FeatureShape> shapes = [];

    /// <param name="student">Shapes [C, H, W] by the student's path.</param>
    /// <param name="teacher">What the teacher gives, by the teacher's path.</param>
    public FusedBridge(FusedConnection connection, IReadOnlyDictionary<string, long[]> student, TeacherMaps teacher)
        : base(nameof(FusedBridge))
    {
        Connection = connection;
        try
        {
            Build(Sizes(connection, student, teacher), teacher);
        }
        catch (KdException error)
        {
            throw new KdException($"Review '{connection.Name}': {error.Message}", error);
        }

        ChannelsLast.Apply(this);
    }

    public FusedConnection Connection { get; }

    /// <summary>What learns beside the student, by what it is called.</summary>
    public IReadOnlyList<(string Name, Module Module)> Parts =>
    [
        .. fusions.Select((fusion, i) => ($"the fusion at '{Connection.Stages[i].Student}'", (Module)fusion)),
        .. criteria.OfType<Module>().Select(criterion => ($"the loss '{Connection.Loss.Name}'", criterion)),
    ];

    /// <summary>What of the loss is constant for these maps: whole where it is at every stage.</summary>
    public Idle? Idle(int images)
    {
        var idle = shapes.Select(shape => Connection.Loss.IdleFor(shape, shape, images)).ToList();
        return idle.OfType<Idle>().FirstOrDefault() is { } first
            ? first with { Whole = idle.TrueForAll(stage => stage is { Whole: true }) }
            : null;
    }

    // [N, C_s, H, W] for each stage -> [N, C_t, H, W] for each stage
    public override IReadOnlyList<Tensor> forward(IReadOnlyList<Tensor> maps)
    {
        using var scope = torch.NewDisposeScope();
        var outputs = new Tensor[maps.Count];
        Tensor? fused = null;
        for (var i = maps.Count - 1; i >= 0; i--)
        {
            (outputs[i], fused) = fusions[i].call(maps[i], fused);
        }

        return [.. outputs.Select(output => output.MoveToOuterDisposeScope())];
    }

    /// <summary>The loss between the fused maps and the teacher's, summed over the stages; not yet weighted.</summary>
    public Tensor Compare(IReadOnlyList<Tensor> student, IReadOnlyList<Tensor> teacher, Batch batch)
    {
        using var scope = torch.NewDisposeScope();
        var padding = Padding.Of(batch);
        var losses = call(student).Select((output, i) =>
            MapTerm.Of(Connection.Loss, criteria[i], output, teacher[i], batch, padding));
        return losses.Aggregate((sum, loss) => sum + loss).MoveToOuterDisposeScope();
    }

    private void Build(List<(FeatureShape Ours, FeatureShape Theirs)> sizes, TeacherMaps teacher)
    {
        var mid = Connection.Mid ?? Math.Min(MostChannels, sizes[^1].Ours.Channels);
        for (var i = 0; i < sizes.Count; i++)
        {
            var (ours, theirs) = sizes[i];
            shapes.Add(theirs);
            fusions.Add(new AttentionFusion(ours.Channels, mid, theirs.Channels, deepest: i == sizes.Count - 1));
            criteria.Add(Connection.Loss.BuildGuarded(
                theirs, theirs, teacher.Norms.GetValueOrDefault(Connection.Stages[i].Teacher)));
            register_module($"fusion{i}", fusions[i]);
            if (criteria[i] is { } criterion)
            {
                register_module($"criterion{i}", criterion);
            }
        }
    }

    private static List<(FeatureShape Ours, FeatureShape Theirs)> Sizes(
        FusedConnection connection, IReadOnlyDictionary<string, long[]> student, TeacherMaps teacher)
    {
        if (connection.Stages.Count < 2)
        {
            throw new KdException(
                $"{connection.Stages.Count} stage(s) came; expected at least two to be fused. For one, use a Connection.");
        }

        if (connection.Mid < 1)
        {
            throw new KdException(
                $"mid is {connection.Mid}; expected at least 1 channel, or null for the deepest student map's.");
        }

        var sizes = connection.Stages.Select(stage => (
            Ours: FeatureShape.Of(stage.Student, ShapeAt(stage.Student, student)),
            Theirs: FeatureShape.Of(stage.Teacher, teacher.ShapeAt(stage.Teacher)))).ToList();
        for (var i = 0; i < sizes.Count; i++)
        {
            RequireSize(connection, sizes, i);
        }

        return sizes;
    }

    private static long[] ShapeAt(string path, IReadOnlyDictionary<string, long[]> shapes) =>
        shapes.TryGetValue(path, out var shape) ? shape : throw new KdException(
            $"one pass gives {TapPath.Count(path, shapes.Keys)} maps at the student's '{path}', for the module is "
            + $"called more than once or gives several; say which: '{path}[0]'.");

    private static void RequireSize(
        FusedConnection connection, List<(FeatureShape Ours, FeatureShape Theirs)> sizes, int at)
    {
        var (stage, (ours, theirs)) = (connection.Stages[at], sizes[at]);
        if (!ours.SameSize(theirs))
        {
            throw new KdException(
                $"the student's '{stage.Student}' {ours} and the teacher's '{stage.Teacher}' {theirs} (channels, height, "
                + "width) differ in size; pair maps of one height and width.");
        }

        if (at > 0 && (ours.Height > sizes[at - 1].Ours.Height || ours.Width > sizes[at - 1].Ours.Width))
        {
            throw new KdException(
                $"the student's '{stage.Student}' {ours} is larger than '{connection.Stages[at - 1].Student}' "
                + $"{sizes[at - 1].Ours} (channels, height, width), which stands before it; expected the stages from "
                + "shallow to deep.");
        }
    }
}
