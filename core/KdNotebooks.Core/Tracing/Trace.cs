using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tracing;

/// <summary>
/// Sees one forward pass: each module that is one operation, by its hooks, and each operation of <see cref="Traced"/>.
/// </summary>
/// <remarks>
/// TorchSharp has no tracer. Nothing is guessed: the numbers of each value are kept, and where a tensor comes in that nothing
/// seen has given, or whose numbers are no longer those that were given, the pass did something that was not seen. The trace
/// is then refused, and the module named. So a trace that is given is the whole pass.
/// </remarks>
internal sealed class Trace : IDisposable
{
    [ThreadStatic]
    private static Trace? current;

    private readonly Module root;
    private readonly List<Tensor> kept = [];
    private readonly Dictionary<Tensor, (int Value, Tensor Numbers)> values = new(ReferenceEqualityComparer.Instance);
    private readonly List<TraceStep> steps = [];
    private readonly List<Action> unhook = [];
    private readonly Stack<Place> within = new();
    private Place behind;
    private int inside, count;

    private Trace(Module root)
    {
        (this.root, behind) = (root, new Place(root, ""));
        current = this;
    }

    /// <summary>Of this thread; null where nothing is traced, and within an operation that is seen as a whole.</summary>
    public static Trace? Current => current is { inside: 0 } trace ? trace : null;

    /// <summary>Runs a network and sees what it does.</summary>
    /// <param name="root">The network's module, in evaluation mode.</param>
    /// <param name="images">[N, C, H, W].</param>
    /// <param name="forward">From the images to what the network gives.</param>
    /// <exception cref="KdException">It does something that is not known here: the message names the module.</exception>
    public static TraceGraph Of(Module root, Tensor images, Func<Tensor, Tensor> forward)
    {
        using var trace = new Trace(root);
        using var noGrad = torch.no_grad();
        trace.Hook();
        trace.Give(images, 0);
        var result = forward(images);
        return new TraceGraph(trace.steps, trace.Take(result, "what the network gives"), [.. images.shape], [.. result.shape]);
    }

    /// <summary>Does an operation, and notes it.</summary>
    public Tensor Do(TraceOp op, IReadOnlyList<Tensor> inputs, Func<IReadOnlyList<Tensor>, Tensor> compute)
    {
        var taken = inputs.Select(input => Take(input, $"what comes into its {Word(op)}")).ToList();
        long[] before = [.. inputs[0].shape];
        var output = compute(inputs);
        Note(op, taken, before, inputs[0], output);
        return output;
    }

    public void Dispose()
    {
        current = null;
        unhook.ForEach(remove => remove());
        kept.ForEach(numbers => numbers.Dispose());
    }

    private static string Word(TraceOp op) => op is TraceOp.Each { Function: var function } ? $"{function}" : op.GetType().Name;

    private void Hook()
    {
        foreach (var (path, module) in root.named_modules().Prepend(("", root)).DistinctBy(entry => entry.Item2))
        {
            if (module is not Module<Tensor, Tensor> map)
            {
                continue; // what it gives is not seen, and refused where it is taken
            }

            var (place, op) = (new Place(map, path), TraceModules.Of(map, path));
            (int Value, long[] Shape, Tensor Input) taken = default;
            unhook.Add(map.register_forward_pre_hook((_, input) =>
            {
                if (inside == 0)
                {
                    within.Push(place);
                    taken = op is null ? default : (Take(input, "what comes in"), [.. input.shape], input);
                }

                inside += op is null ? 0 : 1;
                return input;
            }).remove);
            unhook.Add(map.register_forward_hook((_, _, output) =>
            {
                inside -= op is null ? 0 : 1;
                if (inside == 0)
                {
                    Leave(op, taken, output);
                }

                return output;
            }).remove);
        }
    }

    private void Leave(TraceOp? op, (int Value, long[] Shape, Tensor Input) taken, Tensor output)
    {
        if (op is null)
        {
            Take(output, "what it gives");
        }
        else
        {
            Note(op, [taken.Value], taken.Shape, taken.Input, output);
        }

        behind = within.Pop();
    }

    private void Note(TraceOp op, List<int> inputs, long[] before, Tensor first, Tensor output)
    {
        var value = op is TraceOp.Same ? inputs[0] : ++count;
        if (op is not TraceOp.Same)
        {
            steps.Add(new TraceStep(op, inputs, value, (before, [.. output.shape]), within.TryPeek(out var place) ? place.Path : ""));
        }

        Give(output, value);
        // In place: what came in is now what came out. Should it be something else, the next one who takes it finds that.
        if (!ReferenceEquals(first, output) && !Unchanged(first))
        {
            Give(first, value);
        }
    }

    // In no scope: a module's own, within which this may be, ends before the trace does.
    private void Give(Tensor tensor, int value)
    {
        using var plain = tensor.detach();
        kept.Add(plain.clone().DetachFromDisposeScope());
        values[tensor] = (value, kept[^1]);
    }

    private int Take(Tensor tensor, string what) =>
        !values.TryGetValue(tensor, out var known) ? throw Unseen(what, "was made")
        : !Unchanged(tensor) ? throw Unseen(what, "was changed in its place")
        : known.Value;

    private bool Unchanged(Tensor tensor) => values[tensor].Numbers is var numbers
        && numbers.shape.SequenceEqual(tensor.shape) && numbers.allclose(tensor, 0, 0, equal_nan: true);

    private KdException Unseen(string what, string how)
    {
        var place = within.TryPeek(out var inner) ? inner : new Place(root, "");
        return new KdException(
            $"{root.GetName()} cannot be exported: {what} in {place}, behind {behind}, {how} by an operation that is not among "
            + $"those that are known. Expected modules ({TraceModules.Known}) and the operations of KdNotebooks.Tracing.Traced.");
    }

    private readonly record struct Place(Module Module, string Path)
    {
        public override string ToString() =>
            $"{(Path.Length == 0 ? "the network itself" : $"'{Path}'")} ({Module.GetType().Name})";
    }
}
