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

    /// <summary>Module paths of the student's maps; some may come twice.</summary>
    public IEnumerable<string> StudentPaths => Connections.Select(connection => connection.Student)
        .Concat(Fused?.Stages.Select(stage => stage.Student) ?? []);

    /// <summary>What the teacher must give; some paths may come twice, and without any there need be no teacher.</summary>
    public IEnumerable<string> TeacherPaths => Connections.Select(connection => connection.Teacher)
        .Concat(Connections.Select(connection => connection.Scores).OfType<string>().Select(ScorePath.Of))
        .Concat(Fused?.Stages.Select(stage => stage.Teacher) ?? [])
        .Concat(Logits is null ? [] : [TapSet.Output]);
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
