using System.Runtime.InteropServices;
using KdNotebooks.Data;
using KdNotebooks.Models;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Distillation;

/// <summary>Captures the outputs of modules of a network, addressed by module path; the network is left as it is.</summary>
/// <remarks>
/// TorchSharp's hooks fire on <c>call</c>, and a module with its own dispose scope disposes what a hook saw: a capture
/// is a handle of its own, which lives until <see cref="Clear"/> or the next pass. Where a later module overwrites the
/// captured map in place, which <see cref="Probe"/> finds out, the capture is a copy. (Probe looks in evaluation mode:
/// a dropout in place, which does nothing there, still overwrites a map that is tapped right before it.) A module that a
/// pass calls several times, or that gives several maps, has as many: "head[0]", "head[1]".
/// </remarks>
public sealed class TapSet : IDisposable
{
    /// <summary>The path of the model itself: its output, for a classifier the logits.</summary>
    public const string Output = "";

    private readonly INetwork network;
    private readonly Dictionary<string, List<Tensor>> captured = [];
    private readonly Dictionary<string, int> expected = [];
    private readonly Dictionary<string, int> calls = [];
    private readonly HashSet<TapPath> overwritten = [];
    private readonly List<Action> removers = [];
    private List<(TapPath Path, Tensor Witness)>? witnesses;
    private TapPath? last;
    private bool stopsEarly;
    private bool began, inside; // within one pass: as we were told, as the root says

    /// <param name="model">What to listen to; see <see cref="Network.Of"/>.</param>
    /// <param name="paths">
    /// Module paths: "layer3", "layer2.0.conv1", "head[1]" for the second map of a module; "" is the model's output.
    /// </param>
    /// <exception cref="KdException">A path is not there; the message names the nearest one.</exception>
    public TapSet(Module model, IEnumerable<string> paths) : this(Network.Of(model), paths)
    {
    }

    /// <inheritdoc cref="TapSet(Module, IEnumerable{string})"/>
    public TapSet(INetwork network, IEnumerable<string> paths)
    {
        this.network = network;
        Paths = [.. paths.Distinct()];
        // All are found before the first is hooked: a path that is not there leaves no hook behind.
        var found = Paths.Select(path => TapPath.Parse(path).Module).Distinct()
            .Select(path => (path, Find(network.Root, path))).ToList();
        foreach (var (path, module) in found)
        {
            removers.Add(ForwardHooks.Attach(module, output => Capture(path, output)) ?? throw Deaf(path, module));
        }

        if (network.Root is Module<Tensor, Tensor> root)
        {
            // A new pass: what nobody cleared is the last one's. (Not where the pass is known to have begun: a network
            // may call its root more than once.)
            removers.Add(root.register_forward_pre_hook((_, input) =>
            {
                if (!began)
                {
                    Clear();
                }

                inside = true;
                return input;
            }).remove);
            removers.Add(root.register_forward_hook((_, _, output) =>
            {
                inside = false;
                return output;
            }).remove);
        }
    }

    /// <summary>As they were asked for.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>
    /// How often one pass calls a module that it calls more than once, as <see cref="Probe"/> saw it.
    /// </summary>
    internal IReadOnlyDictionary<string, int> Repeated { get; private set; } = new Dictionary<string, int>();

    /// <summary>What the last pass gave at this path. It belongs to the tap set.</summary>
    /// <exception cref="KdException">
    /// The last pass did not go through that module; or it gave several maps there, and the path says not which; or it
    /// gave more than <see cref="Probe"/> saw, as where training calls a module once more.
    /// </exception>
    public Tensor this[string path]
    {
        get
        {
            var at = TapPath.Parse(path);
            var maps = captured.GetValueOrDefault(at.Module) ?? [];
            if (expected.TryGetValue(at.Module, out var seen) && maps.Count > seen)
            {
                throw new KdException(
                    $"Tap '{path}': {Times(at.Module)} in this pass, which gives {maps.Count} maps there, and in the "
                    + $"one that was looked at first {seen}: which of them is meant is not clear. Tap a module that is "
                    + "called as often in training as in evaluation.");
            }

            return (maps.Count, at.Number) switch
            {
                (0, _) => throw new KdException(
                    $"Tap '{path}': the pass did not go through this module's call; tap a module that the model calls."),
                (1, null) => maps[0],
                (_, null) => throw new KdException(
                    $"Tap '{path}': one pass gives {maps.Count} maps there, for {Times(at.Module)}; say which: "
                    + $"'{path}[0]' to '{path}[{maps.Count - 1}]'."),
                var (count, number) => number < count ? maps[number.Value] : throw new KdException(
                    $"Tap '{path}': one pass gives {count} map(s) there; expected a number from 0 to {count - 1}."),
            };
        }
    }

    /// <summary>Finds a module by its path.</summary>
    /// <exception cref="KdException">It is not there; the message names the nearest one.</exception>
    public static Module Find(Module model, string path)
    {
        var known = ModuleTable.Paths(model).ToList();
        return known.FirstOrDefault(entry => entry.Path == path).Module ?? throw new KdException(
            $"Tap '{path}': {model.GetName()} has no such module; the nearest is "
            + $"'{Nearest.Of(path, known.Select(entry => entry.Path))}'. "
            + "ModuleTable lists them all with their shapes.");
    }

    /// <summary>
    /// Sends two images through the network in evaluation mode: tells the shape at every path, and notes which captures
    /// need a copy, and which comes last.
    /// </summary>
    /// <param name="image">Shape of one image: [C, H, W].</param>
    /// <returns>By path; where a path gives several maps, by "path[0]", "path[1]", ...</returns>
    public IReadOnlyDictionary<string, long[]> Probe(params long[] image)
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        using var modes = ModuleModes.Keep(network.Root);
        Begin();
        witnesses = [];
        try
        {
            network.Root.eval();
            // Two, for the reason that ModuleTable has.
            network.Forward(Batch.Of(
                torch.zeros([2, .. image], device: network.Root.parameters().FirstOrDefault()?.device)));
            var shapes = Paths.SelectMany(Names).Distinct().ToDictionary(path => path, path => this[path].shape[1..]);
            foreach (var (module, maps) in captured)
            {
                expected[module] = maps.Count;
            }

            Repeated = calls.Where(entry => entry.Value > 1).ToDictionary();
            last = witnesses.Select(entry => (TapPath?)entry.Path).LastOrDefault(path => IsAsked(path!.Value));
            overwritten.UnionWith(witnesses.Where(entry => IsOverwritten(entry.Witness)).Select(entry => entry.Path));
            return shapes;
        }
        finally
        {
            witnesses.ForEach(entry => entry.Witness.Dispose());
            witnesses = null;
            Clear();
        }
    }

    /// <summary>
    /// A pass only as deep as the deepest tap: what lies behind it is not computed. <see cref="Probe"/> comes first.
    /// </summary>
    internal void RunToDeepest(Batch batch)
    {
        Begin();
        stopsEarly = last is not null;
        try
        {
            network.Forward(batch);
        }
        catch (DeepEnoughException)
        {
            // All that was asked for has been captured.
        }
        finally
        {
            stopsEarly = false;
        }
    }

    /// <summary>
    /// A pass begins: what is captured from here on is one pass's. It frees what a pass that broke off left.
    /// </summary>
    internal void Begin()
    {
        Clear();
        began = true;
    }

    /// <summary>Frees what was captured.</summary>
    public void Clear()
    {
        foreach (var map in captured.Values.SelectMany(maps => maps))
        {
            map.Dispose();
        }

        captured.Clear();
        calls.Clear();
        began = false;
    }

    public void Dispose()
    {
        removers.ForEach(remove => remove());
        removers.Clear();
        Clear();
    }

    // "the module is called 2 times"
    private string Times(string module) => calls.GetValueOrDefault(module) is > 1 and var times
        ? $"'{module}' is called {times} times"
        : $"'{module}' gives several";

    // A module whose first map alone is asked for gives its others, too.
    private bool IsAsked(TapPath path) =>
        Paths.Select(TapPath.Parse).Any(asked => asked == path || asked == path with { Number = null });

    // "head" of a module with three maps is "head[0]", "head[1]", "head[2]".
    private IEnumerable<string> Names(string path) =>
        TapPath.Parse(path) is { Number: null } at && captured.GetValueOrDefault(at.Module) is { Count: > 1 } maps
            ? maps.Select((_, i) => $"{path}[{i}]")
            : [path];

    private static KdException Deaf(string path, Module module) => new(
        $"Tap '{path}': a {module.GetType().Name} is no module from inputs to tensors that can be listened to; tap one that "
        + "is, for example a module within it.");

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

    private void Capture(string module, object? output)
    {
        var maps = captured.GetValueOrDefault(module) ?? [];
        if (!began && !inside && expected.TryGetValue(module, out var count) && maps.Count >= count)
        {
            // A new pass: nobody cleared the last one's, and nothing says where one begins.
            maps.ForEach(map => map.Dispose());
            maps.Clear();
            calls.Remove(module);
        }

        captured[module] = maps;
        calls[module] = calls.GetValueOrDefault(module) + 1;
        foreach (var map in ForwardHooks.Tensors(output))
        {
            var path = new TapPath(module, maps.Count);
            witnesses?.Add((path, Witness(map)));
            maps.Add((overwritten.Contains(path) ? map.clone() : map.alias()).DetachFromDisposeScope());
            if (stopsEarly && path == last)
            {
                throw new DeepEnoughException();
            }
        }
    }

    /// <summary>Ends a pass from within a hook; it crosses managed code only.</summary>
    private sealed class DeepEnoughException : Exception;
}

/// <summary>A module's path, and which of its maps.</summary>
/// <param name="Number">From 0; null for the only one.</param>
internal readonly record struct TapPath(string Module, int? Number)
{
    /// <summary>How many maps a path stands for, among the names that a probe gave; 1 where it is not among them.</summary>
    public static int Count(string path, IEnumerable<string> probed) =>
        Math.Max(1, probed.Count(name => Parse(name) is { Number: not null } at && at.Module == path && name != path));

    /// <param name="path">"layer3", "head[1]".</param>
    public static TapPath Parse(string path)
    {
        var open = path.EndsWith(']') ? path.LastIndexOf('[') : -1;
        return open >= 0 && int.TryParse(path.AsSpan(open + 1, path.Length - open - 2), out var number)
            ? new TapPath(path[..open], number)
            : new TapPath(path, null);
    }
}
