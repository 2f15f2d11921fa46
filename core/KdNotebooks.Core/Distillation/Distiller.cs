using KdNotebooks.Losses;
using KdNotebooks.Metrics;
using KdNotebooks.Models;
using KdNotebooks.Ops;
using KdNotebooks.Runtime;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Distillation;

/// <summary>One named part of the total loss, already weighted; a scalar with its gradient.</summary>
public readonly record struct LossTerm(string Name, Tensor Value);

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

    /// <param name="student">Owned by the caller.</param>
    /// <param name="guidance">Where it is held to the teacher.</param>
    /// <param name="teacher">What the teacher gives.</param>
    /// <param name="image">Shape of one image: [C, H, W].</param>
    /// <exception cref="KdException">
    /// A path is missing, or shapes do not come together; both are in the message.
    /// </exception>
    public Distiller(
        Module<Tensor, Tensor> student, Guidance guidance, TeacherMaps teacher, params long[] image)
    {
        Student = student;
        logits = guidance.Logits;
        taps = new TapSet(student, guidance.StudentPaths);
        try
        {
            var shapes = taps.Probe(image);
            bridges = new Bridges(
                guidance.Connections.Select(connection => new Bridge(
                    connection, shapes[connection.Student], teacher.ShapeAt(connection.Teacher),
                    teacher.Norms.GetValueOrDefault(connection.Teacher))).ToList(),
                guidance.Fused is { } fused ? new FusedBridge(fused, shapes, teacher) : null);
        }
        catch
        {
            // The student is the caller's, and may be tried again: it keeps no hooks.
            taps.Dispose();
            throw;
        }
    }

    public Module<Tensor, Tensor> Student { get; }

    /// <summary>What must be trained beside the student, and kept with a checkpoint: the aligners.</summary>
    public Module Aligners => bridges;

    /// <summary>Whether it needs the teacher at all.</summary>
    public bool NeedsTeacher => bridges.All.Count > 0 || bridges.Fused is not null || logits is not null;

    /// <summary>The student's and the aligners' trainable tensors.</summary>
    public IEnumerable<Parameter> Parameters() => Student.parameters().Concat(bridges.parameters());

    /// <summary>Moves student and aligners to where they are trained, in channels-last. Before an optimizer is made.</summary>
    internal void To(torch.Device device)
    {
        foreach (var module in new[] { Student, Aligners })
        {
            module.to(device);
            ChannelsLast.Apply(module);
        }
    }

    /// <summary>
    /// The student's output and every distillation term, weighted. The task's terms are the caller's to add.
    /// </summary>
    /// <param name="images">[N, C, H, W]</param>
    /// <param name="labels">[N] or [N, H, W], int64; some logit losses look at them.</param>
    /// <param name="teacher">The teacher's outputs by path; not read where <see cref="NeedsTeacher"/> is false.</param>
    /// <param name="epoch">From 1: how far a warm-up of a weight has come.</param>
    public (ModelOutput Output, IReadOnlyList<LossTerm> Terms) Forward(
        Tensor images, Tensor labels, IReadOnlyDictionary<string, Tensor> teacher, int epoch)
    {
        var output = Student is IAuxiliaryModel { } model && Student.training
            ? model.WithAuxiliary(images)
            : new ModelOutput(Student.call(images));
        var terms = new List<LossTerm>(bridges.All.Count + 2);
        foreach (var bridge in bridges.All)
        {
            var connection = bridge.Connection;
            using var loss = bridge.Compare(taps[connection.Student], teacher[connection.Teacher]);
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
            using var loss = Compare(logits.Loss, output.Logits, teacher[TapSet.Output], labels);
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

    // A segmentation model's logits are compared pixel by pixel, where a pixel is labelled. Without any such pixel the
    // loss is 0, an empty sum, and not a mean over nothing.
    private static Tensor Compare(ILogitLoss loss, Tensor student, Tensor teacher, Tensor labels)
    {
        if (student.dim() != 4)
        {
            return loss.Guard(student, teacher, labels);
        }

        using var scope = torch.NewDisposeScope();
        var counted = labels.flatten().ne(MeanIou.Ignored).nonzero().flatten();
        var term = counted.numel() == 0
            ? Pixels(student).sum()
            : loss.Guard(Pixels(student), Pixels(teacher), labels.flatten().index_select(0, counted));
        return term.MoveToOuterDisposeScope();

        // [N, K, H, W] -> [pixels, K]
        Tensor Pixels(Tensor map) => map.permute(0, 2, 3, 1).flatten(0, 2).index_select(0, counted);
    }

    private static double Warmth(int warmUp, int epoch) => epoch >= warmUp ? 1 : (double)epoch / warmUp;
}
