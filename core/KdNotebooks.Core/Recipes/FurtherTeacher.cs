using System.Text.Json.Serialization;
using KdNotebooks.Distillation;

namespace KdNotebooks.Recipes;

/// <summary>A teacher beside a recipe's first one, with everything that the student is held to it by.</summary>
/// <param name="Teacher">Live or cached, as the first one; measured before training, as the first one.</param>
/// <param name="Weight">
/// Multiplies all of its terms, 0 to 1e7; each has its own alpha beside it. The default value is 1.
/// </param>
/// <exception cref="Runtime.KdException">The weight is out of its range.</exception>
public sealed record FurtherTeacher(TeacherSpec Teacher, double Weight = 1)
{
    public TeacherSpec Teacher { get; init; } = Teacher;

    public double Weight { get; init => field = TermWeight.Require("Further teacher", "weight", value); } =
        TermWeight.Require("Further teacher", "weight", Weight);

    /// <summary>Feature maps held to this teacher's. The default is none.</summary>
    public IReadOnlyList<Connection> Connections { get; init; } = [];

    /// <summary>Several stages held to this teacher's together. The default value is null: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FusedConnection? Fused { get; init; }

    /// <summary>Logits held to this teacher's. The default value is null: not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LogitConnection? Logits { get; init; }

    /// <summary>Everywhere that the student is held to this teacher.</summary>
    public Guidance Guidance => new(Connections, Logits, Fused);

    // By content: a record compares its lists by reference.
    public bool Equals(FurtherTeacher? other) => other is not null && Connections.SequenceEqual(other.Connections)
        && (Teacher, Weight, Fused, Logits).Equals((other.Teacher, other.Weight, other.Fused, other.Logits));

    public override int GetHashCode() => HashCode.Combine(Teacher, Weight, Fused, Logits, Connections.Count);
}
