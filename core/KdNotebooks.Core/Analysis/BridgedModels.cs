using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Models;
using KdNotebooks.Native;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Weights;

namespace KdNotebooks.Analysis;

/// <summary>
/// A run's student, teacher and trained aligners, loaded and in evaluation mode: maps as training saw them.
/// </summary>
internal sealed class BridgedModels : IDisposable
{
    private readonly INetwork student;
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
            student = OnDevice(run.Student().Build());
            parts.Push(student.Root);
            parts.Push(teacher = new LiveTeacher(OnDevice(run.Teacher().BuildFor(task.Data)), guidance.TeacherPaths, image));
            parts.Push(taps = new TapSet(student, guidance.StudentPaths));
            parts.Push(bridges = Bridges.Of(guidance, taps.Probe(image), teacher.Maps));
            LoadAligners(run, guidance);
            if (bridges.All.All(bridge => bridge.OfParts))
            {
                throw new KdException(
                    $"Run '{run.Name}' holds its student to parts of images alone, which the student chose; there is no map of a "
                    + "whole image to show.");
            }

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
    /// For each connection between maps of images the teacher's map, the student's, and the student's through its aligner; [N, C, H, W] each,
    /// owned by the caller's scope. Call it in inference mode.
    /// </summary>
    public IReadOnlyList<(Connection Connection, Tensor Teacher, Tensor Student, Tensor Transformed)> Maps(
        PixelBatch pixels)
    {
        using var scope = torch.NewDisposeScope();
        var batch = task.BatchOf(pixels, device);
        var features = teacher.Features(batch);
        student.Forward(batch);
        return [.. bridges.All.Where(bridge => !bridge.OfParts).Select(bridge => (
            bridge.Connection,
            features[bridge.Connection.Teacher].alias().MoveToOuterDisposeScope(),
            taps[bridge.Connection.Student].clone().MoveToOuterDisposeScope(),
            bridge.call(taps[bridge.Connection.Student], features[bridge.Connection.Teacher])
                .MoveToOuterDisposeScope()))];
    }

    public void Dispose()
    {
        bridges.Dispose();
        taps.Dispose();
        teacher.Dispose();
        student.Root.Dispose();
    }

    // Those to further teachers lie beside them in the file.
    private void LoadAligners(TrainedRun run, Guidance guidance)
    {
        using var file = SafeTensorsFile.Open(Path.Combine(run.Folder, "aligners.safetensors"));
        _ = guidance.Further.Count == 0 ? StateDict.LoadInto(file, bridges) : StateDict.LoadFrom(file, bridges);
    }

    private INetwork OnDevice(INetwork network)
    {
        network.Root.to(device);
        return network;
    }

    private static string Why(Guidance guidance) => guidance switch
    {
        { Fused: not null } => "its stages are fused, and have no transformed map of their own",
        { Logits: not null } => "its student was held to the teacher's logits alone",
        _ => "its student learned alone",
    };
}
