using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Native;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Weights;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Analysis;

/// <summary>
/// A run's student, teacher and trained aligners, loaded and in evaluation mode: maps as training saw them.
/// </summary>
internal sealed class BridgedModels : IDisposable
{
    private readonly Module<Tensor, Tensor> student;
    private readonly LiveTeacher teacher;
    private readonly TapSet taps;
    private readonly Bridges bridges;
    private readonly ITask task;
    private readonly torch.Device device;

    /// <param name="image">[C, H, W] of the images that are looked at.</param>
    /// <remarks>Not in inference mode: what overwrites a map is found out by its gradient.</remarks>
    /// <exception cref="KdException">The run has no connection between maps.</exception>
    public BridgedModels(TrainedRun run, long[] image)
    {
        var guidance = run.Recipe.Guidance;
        if (guidance.Connections.Count == 0)
        {
            throw new KdException(
                $"Run '{run.Name}' has no connection between maps, and so no aligner: {Why(guidance)}. Open a run of a "
                + "recipe with `connect`.");
        }

        (task, device) = (run.Task, Devices.Select(run.Recipe.Device));
        var parts = new Stack<IDisposable>();
        try
        {
            parts.Push(student = run.Student().Build());
            parts.Push(teacher = new LiveTeacher(OnDevice(run.Teacher().Build()), guidance.TeacherPaths, image));
            parts.Push(taps = new TapSet(OnDevice(student), guidance.StudentPaths));
            var shapes = taps.Probe(image);
            parts.Push(bridges = new Bridges(
                guidance.Connections.Select(connection => new Bridge(
                    connection, shapes[connection.Student], teacher.Maps.ShapeAt(connection.Teacher),
                    teacher.Maps.Norms.GetValueOrDefault(connection.Teacher))).ToList(),
                guidance.Fused is { } fused ? new FusedBridge(fused, shapes, teacher.Maps) : null));
            StateDict.LoadInto(Path.Combine(run.Folder, "aligners.safetensors"), bridges);
            bridges.to(device);
            bridges.eval();
        }
        catch
        {
            parts.ToList().ForEach(part => part.Dispose());
            throw;
        }
    }

    /// <summary>
    /// For each connection the teacher's map, the student's, and the student's through its aligner; [N, C, H, W] each,
    /// owned by the caller's scope. Call it in inference mode.
    /// </summary>
    public IReadOnlyList<(Connection Connection, Tensor Teacher, Tensor Student, Tensor Transformed)> Maps(IBatch batch)
    {
        using var scope = torch.NewDisposeScope();
        var (images, _) = batch.ToTensors(task.Data.Mean, task.Data.Std, device);
        var features = teacher.Features(images);
        student.call(images);
        return [.. bridges.All.Select(bridge => (
            bridge.Connection,
            features[bridge.Connection.Teacher].MoveToOuterDisposeScope(),
            taps[bridge.Connection.Student].clone().MoveToOuterDisposeScope(),
            bridge.call(taps[bridge.Connection.Student]).MoveToOuterDisposeScope()))];
    }

    public void Dispose()
    {
        bridges.Dispose();
        taps.Dispose();
        teacher.Dispose();
        student.Dispose();
    }

    private Module<Tensor, Tensor> OnDevice(Module<Tensor, Tensor> model)
    {
        model.to(device);
        return model;
    }

    private static string Why(Guidance guidance) => guidance switch
    {
        { Fused: not null } => "its stages are fused, and have no transformed map of their own",
        { Logits: not null } => "its student was held to the teacher's logits alone",
        _ => "its student learned alone",
    };
}
