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

    /// <param name="student">Owned by the caller.</param>
    /// <param name="task">Reads logits of the outputs.</param>
    /// <param name="guidance">Where it is held to the teacher.</param>
    /// <param name="teacher">What the teacher gives.</param>
    /// <param name="image">Shape of one image: [C, H, W].</param>
    /// <exception cref="KdException">
    /// A path is missing, or shapes do not come together; both are in the message.
    /// </exception>
    public Distiller(INetwork student, ITask task, Guidance guidance, TeacherMaps teacher, params long[] image)
    {
        (Student, this.task, logits) = (student, task, guidance.Logits);
        taps = new TapSet(student, guidance.StudentPaths);
        try
        {
            bridges = Bridges.Of(guidance, taps.Probe(image), teacher);
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
        taps.Clear(); // of a pass that broke off
        var output = Student.Forward(batch);
        var terms = new List<LossTerm>(bridges.All.Count + 2);
        foreach (var bridge in bridges.All)
        {
            var connection = bridge.Connection;
            using var loss = bridge.Compare(
                taps[connection.Student], teacher[connection.Teacher], batch);
            terms.Add(new LossTerm(connection.Name, loss * (connection.Alpha * Warmth(connection.WarmUp, epoch))));
        }

        if (bridges.Fused is { Connection: var review })
        {
            using var loss = bridges.Fused.Compare(
                [.. review.Stages.Select(stage => taps[stage.Student])],
                [.. review.Stages.Select(stage => teacher[stage.Teacher])]);
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

    public void Dispose()
    {
        taps.Dispose();
        bridges.Dispose();
    }

    // Without any row (no pixel of a batch is labeled) the loss is 0, an empty sum, and not a mean over nothing.
    private Tensor Compare(ILogitLoss loss, IOutputs output, Tensor teacher, ITargets targets)
    {
        using var scope = torch.NewDisposeScope();
        var rows = task.Rows(output, teacher, targets) ?? throw new KdException(
            $"{loss.Name}: {task.GetType().Name} gives no logits to compare; hold maps to the teacher's (`connect`).");
        var term = rows.Labels.numel() == 0
            ? rows.Student.sum()
            : loss.Guard(rows.Student, rows.Teacher, rows.Labels);
        return term.MoveToOuterDisposeScope();
    }

    private static double Warmth(int warmUp, int epoch) => epoch >= warmUp ? 1 : (double)epoch / warmUp;
}
