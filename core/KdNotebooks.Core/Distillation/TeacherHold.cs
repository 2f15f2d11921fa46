using KdNotebooks.Data;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;

namespace KdNotebooks.Distillation;

/// <summary>What one pass of a student gave, beside what the teachers gave for the same batch.</summary>
/// <param name="Teachers">Their outputs by path, those of further ones behind their names.</param>
internal readonly record struct Seen(
    TapSet Taps, IOutputs Output, Batch Batch, IReadOnlyDictionary<string, Tensor> Teachers);

/// <summary>How a student is held to one teacher: bridges between maps, and logits.</summary>
/// <param name="repeated">How often one pass calls a module of the student that it calls more than once.</param>
internal sealed class TeacherHold(
    ITask task, Guidance guidance, TeacherMaps maps, Bridges bridges, IReadOnlyDictionary<string, int> repeated)
{
    private readonly LogitConnection? logits = guidance.Logits;

    /// <summary>Its name among several; null (the default) for the first one.</summary>
    public string? Teacher { get; init; }

    /// <summary>What stands before the terms' names: "teacher 2: "; empty for the first one.</summary>
    public string Label { get; init; } = "";

    /// <summary>Multiplies all terms. The default value is 1.</summary>
    public double Weight { get; init; } = 1;

    public Bridges Bridges => bridges;

    public bool NeedsTeacher => bridges.All.Count > 0 || bridges.Fused is not null || logits is not null;

    /// <summary>Every term, weighted.</summary>
    public IReadOnlyList<LossTerm> Terms(Seen seen, int epoch)
    {
        var (teacher, terms) = (Outputs(seen), new List<LossTerm>(bridges.All.Count + 2));
        foreach (var bridge in bridges.All)
        {
            var connection = bridge.Connection;
            using var loss = bridge.Compare(
                seen.Taps[connection.Student], Map(connection, seen, teacher), seen.Batch, Scores(connection, teacher));
            terms.Add(Term(connection.Name, loss, connection.Alpha, connection.WarmUp));
        }

        if (bridges.Fused is { Connection: var review })
        {
            using var loss = bridges.Fused.Compare(
                [.. review.Stages.Select(stage => seen.Taps[stage.Student])],
                [.. review.Stages.Select(stage => teacher[stage.Teacher])], seen.Batch);
            terms.Add(Term(review.Name, loss, review.Alpha, review.WarmUp));
        }

        if (logits is not null)
        {
            using var loss = Compare(logits.Loss, seen.Output, teacher[TapSet.Output], seen.Batch.Targets);
            terms.Add(Term(logits.Name, loss, logits.Weight, logits.WarmUp));
        }

        return terms;

        LossTerm Term(string name, Tensor loss, double weight, int warmUp) =>
            new(Label + name, loss * (weight * Warmth(warmUp, epoch) * Weight));
    }

    /// <summary>Every term as it is before its weight.</summary>
    public IReadOnlyList<TermLook> Looks(Seen seen)
    {
        var (teacher, looks) = (Outputs(seen), new List<TermLook>(bridges.All.Count + 2));
        foreach (var bridge in bridges.All)
        {
            var (connection, map) = (bridge.Connection, seen.Taps[bridge.Connection.Student]);
            looks.Add(new TermLook(
                Label + connection.Name, Weight * connection.Alpha, [connection.Student], bridge.Parts,
                bridge.Idle((int)map.shape[0]))
            {
                Student = [map.alias()],
                Teacher = [Map(connection, seen, teacher)],
                Loss = (ours, theirs) => bridge.Compare(ours[0], theirs[0], seen.Batch, Scores(connection, teacher)),
                SeesTargets = connection.Loss is ITargetLoss,
            });
        }

        if (bridges.Fused is { Connection: var review } fused)
        {
            looks.Add(new TermLook(
                Label + review.Name, Weight * review.Alpha, [.. review.Stages.Select(stage => stage.Student)], fused.Parts,
                fused.Idle(seen.Batch.Count))
            {
                Student = [.. review.Stages.Select(stage => seen.Taps[stage.Student].alias())],
                Teacher = [.. review.Stages.Select(stage => teacher[stage.Teacher])],
                Loss = (ours, theirs) => fused.Compare(ours, theirs, seen.Batch),
                SeesTargets = review.Loss is ITargetLoss,
            });
        }

        if (logits is { Loss: var loss })
        {
            var rows = Rows(loss, seen.Output, teacher[TapSet.Output], seen.Batch.Targets);
            looks.Add(new TermLook(
                Label + logits.Name, Weight * logits.Weight, ["the logits"], [],
                loss.IdleFor(rows.Student.shape[0], rows.Student.shape[1]))
            {
                Student = [rows.Student],
                Teacher = [rows.Teacher],
                Loss = (ours, theirs) => loss.Guard(ours[0], theirs[0], rows.Labels),
                SeesTargets = rows.Student.numel() == 0,
            });
        }

        return looks;
    }

    /// <summary>
    /// What is to be said of the taps, a sentence each: a connection of a module that is called several times is one for
    /// each call, or names the call that it means.
    /// </summary>
    public IEnumerable<string> Notes() => Own.StudentPaths
        .Select(path => (Whose: "student", Path: path, Calls: repeated))
        .Concat(Own.TeacherPaths.Select(path => (Whose: "teacher", Path: path, Calls: maps.Repeated)))
        .Distinct()
        .Where(tap => tap.Calls.ContainsKey(TapPath.Parse(tap.Path).Module))
        .Select(tap => (Tap: tap, Name: TapPath.Parse(tap.Path), Count: tap.Calls[TapPath.Parse(tap.Path).Module]))
        .Select(entry => $"the {entry.Tap.Whose}'s '{entry.Name.Module}' is called {entry.Count} times in one pass: "
            + (entry.Name.Number is { } number ? $"'{entry.Tap.Path}' is map {number} of them, from 0."
                : "each call is held to the teacher's by a term of its own, at the whole weight. Name one to mean it: "
                    + $"'{entry.Tap.Path}[0]'."));

    private Guidance Own => guidance with { Further = [] };

    private IReadOnlyDictionary<string, Tensor> Outputs(Seen seen) =>
        Teacher is null ? seen.Teachers : FurtherGuidance.Of(Teacher, seen.Teachers);

    private Tensor Map(Connection connection, Seen seen, IReadOnlyDictionary<string, Tensor> teacher) =>
        maps.Map(connection.Teacher, teacher, seen.Output, seen.Batch);

    private static Tensor? Scores(Connection connection, IReadOnlyDictionary<string, Tensor> teacher) =>
        connection.Scores is { } path ? teacher[ScorePath.Of(path)] : null;

    // Without any row (no pixel of a batch is labeled) the loss is 0, an empty sum, and not a mean over nothing.
    private Tensor Compare(ILogitLoss loss, IOutputs output, Tensor teacher, ITargets targets)
    {
        using var scope = torch.NewDisposeScope();
        var rows = Rows(loss, output, teacher, targets);
        var term = rows.Student.numel() == 0
            ? rows.Student.sum()
            : loss.Guard(rows.Student, rows.Teacher, rows.Labels);
        return term.MoveToOuterDisposeScope();
    }

    private LogitRows Rows(ILogitLoss loss, IOutputs output, Tensor teacher, ITargets targets)
    {
        if (targets is NoTargets && loss.ReadsLabels)
        {
            throw new KdException(
                $"{loss.Name}: it looks at the labels, and the training images have none; compare by kd or dist, or hold maps "
                + "to the teacher's (`connect`).");
        }

        return task.Rows(output, teacher, targets) ?? throw new KdException(
            $"{loss.Name}: {task.GetType().Name} gives no logits to compare; hold maps to the teacher's (`connect`).");
    }

    private static double Warmth(int warmUp, int epoch) => epoch >= warmUp ? 1 : (double)epoch / warmUp;
}
