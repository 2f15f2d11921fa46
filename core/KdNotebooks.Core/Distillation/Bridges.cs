using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Distillation;

/// <summary>
/// A student's bridges, in the order of its connections, and the fused one, as one module: "0.aligner.0.weight",
/// "fused.fusion0.reduce.0.weight".
/// </summary>
/// <remarks>
/// Not a ModuleList, which registers its modules only when a module that holds it as a field registers its own: by
/// itself it has no parameters, and an optimizer would train nothing.
/// </remarks>
internal sealed class Bridges : Module
{
    public Bridges(IEnumerable<Bridge> bridges, FusedBridge? fused) : base(nameof(Bridges))
    {
        (All, Fused) = ([.. bridges], fused);
        for (var i = 0; i < All.Count; i++)
        {
            register_module($"{i}", All[i]);
        }

        if (fused is not null)
        {
            register_module("fused", fused);
        }
    }

    /// <summary>What a guidance needs between these two models.</summary>
    /// <param name="student">Shapes [C, H, W] by the student's path, as a probe gives them.</param>
    /// <param name="teacher">What the teacher gives.</param>
    /// <param name="repeated">How often one pass calls a module of the student that it calls more than once.</param>
    /// <exception cref="KdException">
    /// A path is missing, or shapes do not come together; both are in the message.
    /// </exception>
    public static Bridges Of(
        Guidance guidance, IReadOnlyDictionary<string, long[]> student, TeacherMaps teacher,
        IReadOnlyDictionary<string, int>? repeated = null) => new(
        guidance.Connections.SelectMany(connection => Each(connection, student, teacher, repeated))
            .Select(connection => new Bridge(
                connection, student[connection.Student], teacher.ShapeAt(connection.Teacher),
                teacher.Norms.GetValueOrDefault(connection.Teacher), teacher.Derived.ContainsKey(connection.Teacher),
                connection.Scores is { } scores ? teacher.ShapeAt(ScorePath.Of(scores)) : null)).ToList(),
        guidance.Fused is { } fused ? new FusedBridge(fused, student, teacher) : null);

    public IReadOnlyList<Bridge> All { get; }

    public FusedBridge? Fused { get; }

    /// <summary>Takes those to a further teacher along, behind its own: they are trained and kept together.</summary>
    public void Join(string name, Bridges further) => register_module(name, further);

    // A module that a pass calls several times gives as many maps: a connection of it is one for each.
    private static IEnumerable<Connection> Each(
        Connection connection, IReadOnlyDictionary<string, long[]> student, TeacherMaps teacher,
        IReadOnlyDictionary<string, int>? repeated)
    {
        var (ours, theirs) = (
            TapPath.Count(connection.Student, student.Keys), TapPath.Count(connection.Teacher, teacher.Shapes.Keys));
        if (ours != theirs)
        {
            throw new KdException(
                $"Connection from student '{connection.Student}' to teacher '{connection.Teacher}': one pass gives "
                + $"{ours} map(s) there{Calls(connection.Student, repeated)} and {theirs}"
                + $"{Calls(connection.Teacher, teacher.Repeated)}; expected as many, or a path that says which: "
                + $"'{(ours > theirs ? connection.Student : connection.Teacher)}[0]'.");
        }

        return ours == 1 ? [connection] : Enumerable.Range(0, ours).Select(i => connection with
        {
            Student = $"{connection.Student}[{i}]",
            Teacher = $"{connection.Teacher}[{i}]",
            Scores = connection.Scores is { } scores
                && TapPath.Count(ScorePath.Of(scores), teacher.Shapes.Keys) == ours ? $"{scores}[{i}]" : connection.Scores,
        });
    }

    // " (it is called 2 times)"
    private static string Calls(string path, IReadOnlyDictionary<string, int>? repeated) =>
        repeated?.GetValueOrDefault(TapPath.Parse(path).Module) is > 1 and var times
            ? $" (it is called {times} times)"
            : "";
}
