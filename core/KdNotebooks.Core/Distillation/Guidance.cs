using KdNotebooks.Losses;

namespace KdNotebooks.Distillation;

/// <summary>Everywhere that one student is held to its teacher.</summary>
/// <param name="Connections">Of maps; may be empty.</param>
/// <param name="Logits">Null: the logits are not compared.</param>
public sealed record Guidance(IReadOnlyList<Connection> Connections, LogitConnection? Logits = null)
{
    /// <summary>A student alone.</summary>
    public static Guidance None { get; } = new([]);
}

/// <summary>What a student must know of a teacher's outputs to be held to them; no weights and no tensors.</summary>
/// <param name="Shapes">The shape at each path for one image.</param>
/// <param name="Norms">
/// The batch normalisation's statistics at each path whose module is one or ends with one.
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
}
