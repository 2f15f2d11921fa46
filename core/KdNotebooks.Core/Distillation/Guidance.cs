using KdNotebooks.Data;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Distillation;

/// <summary>Everywhere that one student is held to its teacher.</summary>
/// <param name="Connections">Of maps; may be empty.</param>
/// <param name="Logits">Null: the logits are not compared.</param>
/// <param name="Fused">Of several stages together. Null: none are.</param>
public sealed record Guidance(
    IReadOnlyList<Connection> Connections, LogitConnection? Logits = null, FusedConnection? Fused = null)
{
    /// <summary>A student alone.</summary>
    public static Guidance None { get; } = new([]);

    /// <summary>Where it is held to teachers beside that one, in their order. The default is none.</summary>
    public IReadOnlyList<FurtherGuidance> Further { get; init; } = [];

    /// <summary>Whether its first teacher is looked at.</summary>
    public bool NeedsTeacher => Connections.Count > 0 || Fused is not null || Logits is not null;

    /// <summary>Module paths of the student's maps, whatever teacher they are held to; some may come twice.</summary>
    public IEnumerable<string> StudentPaths => Connections.Select(connection => connection.Student)
        .Concat(Fused?.Stages.Select(stage => stage.Student) ?? [])
        .Concat(Further.SelectMany(further => further.Guidance.StudentPaths));

    /// <summary>
    /// What the first teacher must give; some paths may come twice, and without any there need be no teacher.
    /// </summary>
    public IEnumerable<string> TeacherPaths => Connections.Select(connection => connection.Teacher)
        .Concat(Connections.Select(connection => connection.Scores).OfType<string>().Select(ScorePath.Of))
        .Concat(Fused?.Stages.Select(stage => stage.Teacher) ?? [])
        .Concat(Logits is null ? [] : [TapSet.Output]);
}

/// <summary>How a student is held to a teacher beside its first one.</summary>
/// <param name="Teacher">A name that tells the teachers of a cohort apart; its outputs stand under it.</param>
/// <param name="Weight">Multiplies all of its terms.</param>
/// <param name="Guidance">Everywhere that it is held to that teacher.</param>
public sealed record FurtherGuidance(string Teacher, double Weight, Guidance Guidance)
{
    /// <summary>Where the outputs of a further teacher stand among those of all.</summary>
    internal static string Path(string teacher, string path) => $"{teacher}\n{path}";

    /// <summary>The outputs of one of several teachers, by its own paths.</summary>
    internal static IReadOnlyDictionary<string, Tensor> Of(string teacher, IReadOnlyDictionary<string, Tensor> all)
    {
        var prefix = Path(teacher, "");
        return all.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(entry => entry.Key[prefix.Length..], entry => entry.Value);
    }
}

/// <summary>What a student must know of a teacher's outputs to be held to them; no weights and no tensors.</summary>
/// <param name="Shapes">The shape at each path for one image.</param>
/// <param name="Norms">
/// The batch normalization's statistics at each path whose module is one or ends with one.
/// </param>
public sealed record TeacherMaps(
    IReadOnlyDictionary<string, long[]> Shapes, IReadOnlyDictionary<string, ChannelStatistics> Norms)
{
    /// <summary>No teacher.</summary>
    public static TeacherMaps None { get; } = new(new Dictionary<string, long[]>());

    public TeacherMaps(IReadOnlyDictionary<string, long[]> shapes) : this(
        shapes, new Dictionary<string, ChannelStatistics>())
    {
    }

    /// <summary>Whose they are, so that nobody is a student of itself; null where only shapes are known.</summary>
    internal Module? Model { get; init; }

    /// <summary>What teachers beside it give, by their names.</summary>
    internal IReadOnlyDictionary<string, TeacherMaps> Further { get; init; } = new Dictionary<string, TeacherMaps>();

    /// <summary>How often one pass calls a module that it calls more than once.</summary>
    internal IReadOnlyDictionary<string, int> Repeated { get; init; } = new Dictionary<string, int>();

    /// <summary>Maps that are made of others when the student's output is there, by path.</summary>
    internal IReadOnlyDictionary<string, IDerivedMap> Derived { get; init; } = new Dictionary<string, IDerivedMap>();

    /// <summary>The teacher's map at a path.</summary>
    /// <param name="features">What the teacher gave, by path.</param>
    /// <param name="student">What the student gave for the same batch.</param>
    internal Tensor Map(string path, IReadOnlyDictionary<string, Tensor> features, IOutputs student, Batch batch) =>
        Derived.TryGetValue(path, out var derived)
            ? derived.Make([.. derived.Sources.Select(source => features[source])], student, batch)
            : features[path];

    /// <summary>Outputs of the right shapes, all zero, to try a student on; the caller's dispose scope owns them.</summary>
    internal Dictionary<string, Tensor> Blank(int images) => Shapes.Select(entry => (entry.Key, entry.Value))
        .Concat(Further.SelectMany(teacher => teacher.Value.Shapes.Select(entry => (
            Key: FurtherGuidance.Path(teacher.Key, entry.Key), entry.Value))))
        .ToDictionary(entry => entry.Key, entry => torch.zeros([images, .. entry.Value]));

    /// <exception cref="KdException">The teacher gives nothing there.</exception>
    internal long[] ShapeAt(string path) => Derived.TryGetValue(path, out var derived)
        ? derived.Shape([.. derived.Sources.Select(source => Shapes[source])])
        : Shapes.TryGetValue(path, out var shape) ? shape : throw new KdException(
        $"The teacher gives nothing at '{path}'; it gives: "
        + $"{string.Join(", ", Shapes.Keys.Select(known => $"'{known}'"))}"
        + (TapPath.Count(path, Shapes.Keys) is > 1 and var count
            ? $": one pass gives {count} maps there, for the module is called more than once or gives several; say "
                + "which."
            : "."));
}
