using KdNotebooks.Data;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Ops;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Distillation;

/// <summary>
/// A student with its connections to a teacher: <c>L = L_task + alpha L_feature</c>. Without a connection it is the
/// student alone.
/// </summary>
/// <remarks>Knows shapes and modules; no data, no optimizer, no teacher's weights.</remarks>
public sealed class Distiller : IDisposable
{
    private readonly TapSet taps;
    private readonly Bridges bridges;
    private readonly LogitConnection? logits;
    private readonly ITask task;
    private readonly TeacherMaps maps;

    /// <param name="student">Owned by the caller.</param>
    /// <param name="task">Reads logits of the outputs.</param>
    /// <param name="guidance">Where it is held to the teacher.</param>
    /// <param name="teacher">What the teacher gives.</param>
    /// <param name="image">Shape of one image: [C, H, W].</param>
    /// <exception cref="KdException">
    /// A path is missing, shapes do not come together (both are in the message), or student and teacher are one model.
    /// </exception>
    public Distiller(INetwork student, ITask task, Guidance guidance, TeacherMaps teacher, params long[] image)
    {
        (Student, this.task, logits, maps) = (student, task, guidance.Logits, teacher);
        SharedModel.Refuse(student.Root, teacher.Model);
        taps = new TapSet(student, guidance.StudentPaths);
        try
        {
            bridges = Bridges.Of(guidance, taps.Probe(image), teacher, taps.Repeated);
            Notes = [.. RepeatNotes(guidance, teacher)];
        }
        catch
        {
            // The student is the caller's, and may be tried again: it keeps no hooks.
            taps.Dispose();
            throw;
        }
    }

    public INetwork Student { get; }

    /// <summary>What must be trained beside the student, and kept with a checkpoint: the aligners.</summary>
    public Module Aligners => bridges;

    /// <summary>What is to be said of the taps before training, a sentence each.</summary>
    internal IReadOnlyList<string> Notes { get; }

    /// <summary>Whether it needs the teacher at all.</summary>
    public bool NeedsTeacher => bridges.All.Count > 0 || bridges.Fused is not null || logits is not null;

    /// <summary>The student's and the aligners' trainable tensors.</summary>
    public IEnumerable<Parameter> Parameters() => Student.Root.parameters().Concat(bridges.parameters());

    /// <summary>Moves student and aligners to where they are trained, in channels-last. Before an optimizer is made.</summary>
    internal void To(torch.Device device)
    {
        foreach (var module in new[] { Student.Root, Aligners })
        {
            module.to(device);
            ChannelsLast.Apply(module);
        }
    }

    /// <summary>
    /// The student's outputs and every distillation term, weighted. The task's terms are the caller's to add.
    /// </summary>
    /// <param name="batch">On the student's device; some losses look at its targets.</param>
    /// <param name="teacher">The teacher's outputs by path; not read where <see cref="NeedsTeacher"/> is false.</param>
    /// <param name="epoch">From 1: how far a warm-up of a weight has come.</param>
    public (IOutputs Outputs, IReadOnlyList<LossTerm> Terms) Forward(
        Batch batch, IReadOnlyDictionary<string, Tensor> teacher, int epoch)
    {
        taps.Begin();
        var output = Student.Forward(batch);
        var terms = new List<LossTerm>(bridges.All.Count + 2);
        foreach (var bridge in bridges.All)
        {
            var connection = bridge.Connection;
            using var loss = bridge.Compare(
                taps[connection.Student], maps.Map(connection.Teacher, teacher, output, batch), batch,
                Scores(connection, teacher));
            terms.Add(new LossTerm(connection.Name, loss * (connection.Alpha * Warmth(connection.WarmUp, epoch))));
        }

        if (bridges.Fused is { Connection: var review })
        {
            using var loss = bridges.Fused.Compare(
                [.. review.Stages.Select(stage => taps[stage.Student])],
                [.. review.Stages.Select(stage => teacher[stage.Teacher])], batch);
            terms.Add(new LossTerm(review.Name, loss * (review.Alpha * Warmth(review.WarmUp, epoch))));
        }

        if (logits is not null)
        {
            using var loss = Compare(logits.Loss, output, teacher[TapSet.Output], batch.Targets);
            terms.Add(new LossTerm(logits.Name, loss * (logits.Weight * Warmth(logits.WarmUp, epoch))));
        }

        taps.Clear();
        return (output, terms);
    }

    /// <summary>
    /// One pass, and every term as it is before its weight: what a first look at the terms needs. The graph lives as
    /// long as the caller's dispose scope.
    /// </summary>
    internal IReadOnlyList<TermLook> Look(Batch batch, IReadOnlyDictionary<string, Tensor> teacher)
    {
        taps.Begin();
        var output = Student.Forward(batch);
        var looks = new List<TermLook>(bridges.All.Count + 2);
        foreach (var bridge in bridges.All)
        {
            var (connection, map) = (bridge.Connection, taps[bridge.Connection.Student]);
            looks.Add(new TermLook(
                connection.Name, connection.Alpha, [connection.Student], bridge.Parts, bridge.Idle((int)map.shape[0]))
            {
                Student = [map.alias()],
                Teacher = [maps.Map(connection.Teacher, teacher, output, batch)],
                Loss = (ours, theirs) => bridge.Compare(ours[0], theirs[0], batch, Scores(connection, teacher)),
                SeesTargets = connection.Loss is ITargetLoss,
            });
        }

        if (bridges.Fused is { Connection: var review } fused)
        {
            looks.Add(new TermLook(
                review.Name, review.Alpha, [.. review.Stages.Select(stage => stage.Student)], fused.Parts,
                fused.Idle(batch.Count))
            {
                Student = [.. review.Stages.Select(stage => taps[stage.Student].alias())],
                Teacher = [.. review.Stages.Select(stage => teacher[stage.Teacher])],
                Loss = (ours, theirs) => fused.Compare(ours, theirs, batch),
                SeesTargets = review.Loss is ITargetLoss,
            });
        }

        if (logits is { Loss: var loss })
        {
            var rows = Rows(loss, output, teacher[TapSet.Output], batch.Targets);
            looks.Add(new TermLook(
                logits.Name, logits.Weight, ["the logits"], [],
                loss.IdleFor(rows.Student.shape[0], rows.Student.shape[1]))
            {
                Student = [rows.Student],
                Teacher = [rows.Teacher],
                Loss = (ours, theirs) => loss.Guard(ours[0], theirs[0], rows.Labels),
                SeesTargets = rows.Labels.numel() == 0,
            });
        }

        taps.Clear();
        return looks;
    }

    public void Dispose()
    {
        taps.Dispose();
        bridges.Dispose();
    }

    private static Tensor? Scores(Connection connection, IReadOnlyDictionary<string, Tensor> teacher) =>
        connection.Scores is { } path ? teacher[ScorePath.Of(path)] : null;

    // Without any row (no pixel of a batch is labeled) the loss is 0, an empty sum, and not a mean over nothing.
    private Tensor Compare(ILogitLoss loss, IOutputs output, Tensor teacher, ITargets targets)
    {
        using var scope = torch.NewDisposeScope();
        var rows = Rows(loss, output, teacher, targets);
        var term = rows.Labels.numel() == 0
            ? rows.Student.sum()
            : loss.Guard(rows.Student, rows.Teacher, rows.Labels);
        return term.MoveToOuterDisposeScope();
    }

    private LogitRows Rows(ILogitLoss loss, IOutputs output, Tensor teacher, ITargets targets) =>
        task.Rows(output, teacher, targets) ?? throw new KdException(
            $"{loss.Name}: {task.GetType().Name} gives no logits to compare; hold maps to the teacher's (`connect`).");

    // A connection of a module that is called several times is one for each call, or names the call that it means.
    private IEnumerable<string> RepeatNotes(Guidance guidance, TeacherMaps teacher) => guidance.StudentPaths
        .Select(path => (Whose: "student", Path: path, Calls: taps.Repeated))
        .Concat(guidance.TeacherPaths.Select(path => (Whose: "teacher", Path: path, Calls: teacher.Repeated)))
        .Distinct()
        .Where(tap => tap.Calls.ContainsKey(TapPath.Parse(tap.Path).Module))
        .Select(tap => (Tap: tap, Name: TapPath.Parse(tap.Path), Count: tap.Calls[TapPath.Parse(tap.Path).Module]))
        .Select(entry => $"the {entry.Tap.Whose}'s '{entry.Name.Module}' is called {entry.Count} times in one pass: "
            + (entry.Name.Number is { } number ? $"'{entry.Tap.Path}' is map {number} of them, from 0."
                : "each call is held to the teacher's by a term of its own, at the whole weight. Name one to mean it: "
                    + $"'{entry.Tap.Path}[0]'."));

    private static double Warmth(int warmUp, int epoch) => epoch >= warmUp ? 1 : (double)epoch / warmUp;
}
