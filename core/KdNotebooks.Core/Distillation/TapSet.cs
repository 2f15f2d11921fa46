using System.Runtime.InteropServices;
using KdNotebooks.Models;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Distillation;

/// <summary>Captures the outputs of modules of a model, addressed by module path; the model is left as it is.</summary>
/// <remarks>
/// TorchSharp's hooks fire on <c>call</c>, and a module with its own dispose scope disposes what a hook saw: a capture
/// is a handle of its own, which lives until <see cref="Clear"/> or the next pass. Where a later module overwrites the
/// captured map in place, which <see cref="Probe"/> finds out, the capture is a copy. (Probe looks in evaluation mode:
/// a dropout in place, which does nothing there, still overwrites a map that is tapped right before it.)
/// </remarks>
public sealed class TapSet : IDisposable
{
    /// <summary>The path of the model itself: its output, for a classifier the logits.</summary>
    public const string Output = "";

    private readonly Module<Tensor, Tensor> model;
    private readonly Dictionary<string, Tensor> captured = [];
    private readonly HashSet<string> overwritten = [];
    private readonly List<Action> removers = [];
    private Dictionary<string, Tensor>? witnesses;

    /// <param name="model">The model to listen to.</param>
    /// <param name="paths">Module paths: "layer3", "layer2.0.conv1"; "" is the model's output.</param>
    /// <exception cref="KdException">A path is not there; the message names the nearest one.</exception>
    public TapSet(Module<Tensor, Tensor> model, IEnumerable<string> paths)
    {
        this.model = model;
        Paths = [.. paths.Distinct()];
        // All are found before the first is hooked: a path that is not there leaves no hook behind.
        foreach (var (path, module) in Paths.Select(path => (path, Find(model, path))).ToList())
        {
            var hook = module.register_forward_hook((_, _, output) =>
            {
                Capture(path, output);
                return output;
            });
            removers.Add(hook.remove);
        }
    }

    public IReadOnlyList<string> Paths { get; }

    /// <summary>What the last pass gave at this path. It belongs to the tap set.</summary>
    /// <exception cref="KdException">The last pass did not go through that module.</exception>
    public Tensor this[string path] => captured.TryGetValue(path, out var output)
        ? output
        : throw new KdException(
            $"Tap '{path}': the pass did not go through this module's call; tap a module that the model calls.");

    /// <summary>Finds a module by its path.</summary>
    public static Module<Tensor, Tensor> Find(Module<Tensor, Tensor> model, string path)
    {
        var known = ModuleTable.Paths(model).ToList();
        return known.FirstOrDefault(entry => entry.Path == path).Module switch
        {
            Module<Tensor, Tensor> module => module,
            null => throw new KdException(
                $"Tap '{path}': {model.GetName()} has no such module; the nearest is "
                + $"'{Nearest.Of(path, known.Select(entry => entry.Path))}'. "
                + "ModuleTable lists them all with their shapes."),
            var other => throw new KdException(
                $"Tap '{path}': a {other.GetType().Name} does not map one tensor to one tensor; "
                + "tap a module that does."),
        };
    }

    /// <summary>
    /// Sends two images through the model in evaluation mode: tells the shape at every path, and notes which
    /// captures need a copy.
    /// </summary>
    /// <param name="image">Shape of one image: [C, H, W].</param>
    public IReadOnlyDictionary<string, long[]> Probe(params long[] image)
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var modes = model.modules().Prepend(model).Distinct().Select(module => (module, module.training)).ToList();
        witnesses = [];
        try
        {
            model.eval();
            // Two, for the reason that ModuleTable has.
            model.call(torch.zeros([2, .. image], device: model.parameters().FirstOrDefault()?.device));
            var shapes = Paths.ToDictionary(path => path, path => this[path].shape[1..]);
            overwritten.UnionWith(Paths.Where(path => IsOverwritten(witnesses[path])));
            return shapes;
        }
        finally
        {
            witnesses.Values.ToList().ForEach(witness => witness.Dispose());
            witnesses = null;
            // From the outside in: a module that stands in another mode than its parent has the last word.
            modes.ForEach(entry => entry.module.train(entry.training));
            Clear();
        }
    }

    /// <summary>Frees what was captured.</summary>
    public void Clear()
    {
        foreach (var output in captured.Values)
        {
            output.Dispose();
        }

        captured.Clear();
    }

    public void Dispose()
    {
        removers.ForEach(remove => remove());
        removers.Clear();
        Clear();
    }

    // Autograd counts the writes to a tensor. It notes the count when it keeps a factor for a product's backward pass,
    // and refuses that pass where it has changed: so a write is found out whatever the values are.
    private static Tensor Witness(Tensor output)
    {
        using var gradients = torch.enable_grad();
        using var scope = torch.NewDisposeScope();
        return (torch.ones(1, dtype: output.dtype, device: output.device, requires_grad: true) * output.detach()).sum()
            .DetachFromDisposeScope();
    }

    private static bool IsOverwritten(Tensor witness)
    {
        try
        {
            witness.backward();
            return false;
        }
        catch (ExternalException)
        {
            return true;
        }
    }

    private void Capture(string path, Tensor output)
    {
        if (witnesses is not null)
        {
            witnesses.Remove(path, out var earlierWitness);
            earlierWitness?.Dispose();
            witnesses[path] = Witness(output);
        }

        if (captured.Remove(path, out var earlier))
        {
            earlier.Dispose();
        }

        captured[path] = (overwritten.Contains(path) ? output.clone() : output.alias()).DetachFromDisposeScope();
    }
}
