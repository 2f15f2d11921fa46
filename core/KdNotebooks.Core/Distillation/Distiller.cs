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
/// A student with its connections to a teacher, or to several: <c>L = L_task + alpha L_feature</c>. Without a connection it is the
/// student alone.
/// </summary>
/// <remarks>Knows shapes and modules; no data, no optimizer, no teacher's weights.</remarks>
public sealed class Distiller : IDisposable
{
    private readonly TapSet taps;
    private readonly ITask task;
    private readonly List<TeacherHold> holds; // the first teacher's, then those of further ones

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
        (Student, this.task) = (student, task);
        SharedModel.Refuse(student.Root, teacher.Model);
        taps = new TapSet(student, guidance.StudentPaths);
        try
        {
            holds = Holds(guidance, taps.Probe(image), teacher);
            Notes = [.. holds.SelectMany(hold => hold.Notes())];
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
    public Module Aligners => holds[0].Bridges;

    /// <summary>What is to be said of the taps before training, a sentence each.</summary>
    internal IReadOnlyList<string> Notes { get; }

    /// <summary>Whether it needs a teacher at all.</summary>
    public bool NeedsTeacher => holds.Exists(hold => hold.NeedsTeacher);

    /// <summary>The student's and the aligners' trainable tensors.</summary>
    public IEnumerable<Parameter> Parameters() => Student.Root.parameters().Concat(Aligners.parameters());

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
    /// <param name="teacher">The teachers' outputs by path; not read where <see cref="NeedsTeacher"/> is false.</param>
    /// <param name="epoch">From 1: how far a warm-up of a weight has come.</param>
    public (IOutputs Outputs, IReadOnlyList<LossTerm> Terms) Forward(
        Batch batch, IReadOnlyDictionary<string, Tensor> teacher, int epoch)
    {
        taps.Begin();
        var output = Student.Forward(batch);
        List<LossTerm> terms = [.. holds.SelectMany(hold => hold.Terms(new Seen(taps, output, batch, teacher), epoch))];
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
        List<TermLook> looks = [.. holds.SelectMany(hold => hold.Looks(new Seen(taps, output, batch, teacher)))];
        taps.Clear();
        return looks;
    }

    public void Dispose()
    {
        taps.Dispose();
        holds.ForEach(hold => hold.Bridges.Dispose());
    }

    private List<TeacherHold> Holds(
        Guidance guidance, IReadOnlyDictionary<string, long[]> student, TeacherMaps teacher)
    {
        List<TeacherHold> all = [new TeacherHold(
            task, guidance, teacher, Bridges.Of(guidance, student, teacher, taps.Repeated), taps.Repeated)];
        foreach (var (further, i) in guidance.Further.Select((further, i) => (further, i)))
        {
            var maps = teacher.Further.GetValueOrDefault(further.Teacher) ?? throw new KdException(
                $"The student is held to {guidance.Further.Count} further teacher(s), and '{further.Teacher}' is not there.");
            SharedModel.Refuse(Student.Root, maps.Model);
            var bridges = Bridges.Of(further.Guidance, student, maps, taps.Repeated);
            all[0].Bridges.Join($"teacher{i + 2}", bridges);
            all.Add(new TeacherHold(task, further.Guidance, maps, bridges, taps.Repeated)
            {
                Teacher = further.Teacher,
                Label = $"teacher {i + 2}: ",
                Weight = further.Weight,
            });
        }

        return all;
    }
}
