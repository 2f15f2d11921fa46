namespace KdNotebooks.Distillation;

/// <summary>
/// The gradient of a term at its own inputs: at each of the student's maps, and in each part that learns.
/// </summary>
/// <remarks>
/// Whether a gradient is there, or is what rounding left of none, is seen by moving every number of the maps by a few
/// roundings: a gradient stays what it was, rounding becomes other rounding. No scale of a loss comes into it.
/// </remarks>
internal sealed class Slope
{
    private const int Tries = 3;
    private const double Nudge = 1.0 / (1 << 18); // 32 roundings of single precision
    private const double Alike = 0.5; // of the longer of two; unrelated ones differ by 1.4
    private const double Clear = 1e-3; // of the loss: what is larger is no rounding, whatever it does (a random mask)

    private readonly IReadOnlyList<Tensor?> maps, parts;
    private readonly double loss;

    private Slope(IReadOnlyList<Tensor?> maps, IReadOnlyList<Tensor?> parts, double loss) =>
        (this.maps, this.parts, this.loss) = (maps, parts, loss);

    /// <summary>Which maps and which parts get a gradient that is more than rounding.</summary>
    public static (bool[] Maps, bool[] Parts) Real(
        TermLook look, IReadOnlyList<Tensor> student, IReadOnlyList<Tensor> teacher)
    {
        // What draws (a mask, dropout) draws the same each time.
        using var state = torch.get_rng_state();
        var at = Of(look, student, teacher);
        using var generator = new torch.Generator(1, torch.CPU);
        var others = Enumerable.Range(0, Tries).Select(_ =>
        {
            torch.set_rng_state(state);
            return Of(look, Nudged(student, generator), Nudged(teacher, generator));
        }).ToList();
        var sizes = look.Parts.Select(part => Length(part.Module.parameters())).ToList();
        return (
            [.. student.Select((map, i) => IsReal(at, slope => slope.maps[i], others, map.norm().ToDouble()))],
            [.. sizes.Select((size, i) => IsReal(at, slope => slope.parts[i], others, size))]);
    }

    /// <summary>The gradients of the parts, flat; null where one gets none. The parts' own hold them too.</summary>
    public static Slope Of(TermLook look, IReadOnlyList<Tensor> student, IReadOnlyList<Tensor> teacher)
    {
        List<Tensor> leaves = [.. student.Select(map => map.detach().clone().requires_grad_())];
        var parameters = look.Parts.Select(part => part.Module.parameters().ToList()).ToList();
        parameters.ForEach(part => part.ForEach(parameter => parameter.grad = null));
        var loss = look.Loss(leaves, teacher);
        if (loss.requires_grad)
        {
            loss.backward();
        }

        return new Slope(
            [.. leaves.Select(leaf => leaf.grad)],
            [.. parameters.Select(part => Flat(part.Select(parameter => parameter.grad?.clone())))],
            loss.detach().ToDouble());
    }

    /// <summary>L2 norm of some tensors together.</summary>
    public static double Length(IEnumerable<Tensor?> tensors) =>
        Math.Sqrt(tensors.OfType<Tensor>().Sum(tensor => Math.Pow(tensor.detach().norm().ToDouble(), 2)));

    public double MapLength => Length(maps);

    private static bool IsReal(Slope at, Func<Slope, Tensor?> which, List<Slope> others, double size)
    {
        var length = Norm(which(at));
        if (!double.IsFinite(length))
        {
            return true; // no rounding: training will say what it is
        }

        return length > 0 && (length * size > Clear * Math.Max(Math.Abs(at.loss), 1)
            || others.TrueForAll(other => which(other) is { } there
                && (which(at)! - there).norm().ToDouble() <= Alike * Math.Max(length, Norm(there))));
    }

    private static double Norm(Tensor? gradient) => gradient?.norm().ToDouble() ?? 0;

    private static Tensor? Flat(IEnumerable<Tensor?> gradients) =>
        gradients.OfType<Tensor>().ToList() is { Count: > 0 } some
            ? torch.cat([.. some.Select(gradient => gradient.flatten())])
            : null;

    private static List<Tensor> Nudged(IReadOnlyList<Tensor> maps, torch.Generator generator) =>
    [
        .. maps.Select(map => map.detach() * (1 + (((torch.rand(map.shape, generator: generator) * 2) - 1) * Nudge)
            .to(map.dtype, map.device))),
    ];
}
