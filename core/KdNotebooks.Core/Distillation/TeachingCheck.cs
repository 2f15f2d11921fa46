using KdNotebooks.Data;
using TorchSharp.Modules;

namespace KdNotebooks.Distillation;

/// <summary>
/// Looks, before any training, whether each term gives the student a gradient, and its aligner, and a loss that learns.
/// </summary>
/// <remarks>
/// <para>
/// A term that gives a gradient to neither cannot teach and is refused; one that leaves out student or aligner is said.
/// An aligner whose last layer starts at zero gives its student none at first: it is let take three steps, and looked
/// at again. A part of the student that is frozen is meant to learn nothing. A weight of 0 is off.
/// </para>
/// <para>
/// One batch may hold nothing that a loss looks at, so several are tried, then maps drawn at random: refused is what is
/// silent on all of them. A loss that sees the targets is said and never refused, for no draw makes targets.
/// </para>
/// <para>The distiller is changed by it, and must be thrown away.</para>
/// </remarks>
internal sealed class TeachingCheck
{
    private const int Steps = 3; // of an aligner that starts at zero
    private const double Rounding = 1.0 / (1 << 23); // of single precision

    private readonly Distiller distiller;
    private readonly List<Parameter> all, learning;

    private TeachingCheck(Distiller distiller)
    {
        this.distiller = distiller;
        all = [.. distiller.Student.Root.parameters().Where(parameter => parameter.is_floating_point())];
        learning = [.. all.Where(parameter => parameter.requires_grad)];
        // A frozen part is told from a map that hangs on nothing by letting everything learn.
        all.ForEach(parameter => parameter.requires_grad = true);
    }

    /// <param name="distiller">In the modes in which it is trained, with what is frozen frozen.</param>
    /// <param name="batches">Read as far as needed, on the distiller's device.</param>
    public static IReadOnlyList<TermVerdict> Of(
        Distiller distiller, IEnumerable<(Batch Batch, IReadOnlyDictionary<string, Tensor> Teacher)> batches)
    {
        var check = new TeachingCheck(distiller);
        List<TermFinding> findings = [];
        var images = 0;
        foreach (var (batch, teacher) in batches)
        {
            using var scope = torch.NewDisposeScope();
            images += batch.Count;
            var looks = distiller.Look(batch, teacher);
            findings = findings.Count == 0 ? [.. looks.Select(look => new TermFinding(look))] : findings;
            foreach (var (finding, look) in findings.Zip(looks).Where(pair => !pair.First.IsSettled))
            {
                check.Add(finding, look);
            }

            if (findings.TrueForAll(finding => finding.IsSettled))
            {
                break;
            }
        }

        return [.. findings.Select(finding => finding.Verdict(images))];
    }

    private void Add(TermFinding finding, TermLook look)
    {
        if (look.IsEmpty)
        {
            return;
        }

        finding.Seen = true;
        Measure(finding, look);
        // Only where all else is silent: an aligner that starts at zero, or a loss that is silent on these images.
        if (!finding.Maps.Any(real => real) && finding.Parts.Any(real => real))
        {
            Train(look);
            Measure(finding, look);
        }
        else if (!finding.Maps.Any(real => real))
        {
            finding.Elsewhere |= Elsewhere(look);
        }
    }

    private void Measure(TermFinding finding, TermLook look)
    {
        var training = Slope.Real(look, look.Student, look.Teacher);
        finding.Add(training);
        if (training.Maps.Concat(training.Parts).Any(real => !real))
        {
            // Dropout or a mask of a part may hide what is there.
            finding.Add(InEvaluation(look, () => Slope.Real(look, look.Student, look.Teacher)));
        }

        if (finding.Maps.Any(real => real))
        {
            Follow(finding, look);
        }
    }

    // From the maps to the weights that made them.
    private void Follow(TermFinding finding, TermLook look)
    {
        all.ForEach(parameter => parameter.grad = null);
        var loss = look.Loss(look.Student, look.Teacher);
        if (loss.requires_grad && look.Student.Any(map => map.requires_grad))
        {
            loss.backward(retain_graph: true);
        }

        var least = Rounding * Slope.Of(look, look.Student, look.Teacher).MapLength * Slope.Length(look.Student);
        finding.Reaches |= Pulls(all);
        finding.Teaches |= Pulls(learning);

        bool Pulls(List<Parameter> parameters)
        {
            var reached = parameters.Where(parameter => parameter.grad is not null).ToList();
            var length = Slope.Length(reached.Select(parameter => parameter.grad));
            return length > 0 && !(length * Slope.Length(reached) <= least);
        }
    }

    private static bool Elsewhere(TermLook look)
    {
        using var generator = new torch.Generator(2, torch.CPU);
        foreach (var scale in new[] { 1.0, 10 })
        {
            var (student, teacher) = (Drawn(look.Student, scale), Drawn(look.Teacher, scale));
            (bool[] Maps, bool[] Parts) Real() => Slope.Real(look, student, teacher);
            if (Real().Maps.Concat(InEvaluation(look, Real).Maps).Any(map => map))
            {
                return true;
            }
        }

        return false;

        List<Tensor> Drawn(IReadOnlyList<Tensor> maps, double scale) =>
            [.. maps.Select(map => torch.randn(map.shape, generator: generator).to(map.dtype, map.device) * scale)];
    }

    private static void Train(TermLook look)
    {
        for (var step = 0; step < Steps; step++)
        {
            Slope.Of(look, look.Student, look.Teacher);
            using var noGrad = torch.no_grad();
            foreach (var parameter in look.Parts.SelectMany(part => part.Module.parameters()))
            {
                if (parameter.grad is { } gradient && gradient.norm().ToDouble() is > 0 and var length)
                {
                    parameter.sub_(gradient * (0.1 * Math.Max(parameter.norm().ToDouble(), 0.1) / length));
                }
            }
        }
    }

    private static T InEvaluation<T>(TermLook look, Func<T> work)
    {
        foreach (var (_, module) in look.Parts)
        {
            module.eval();
        }

        var result = work();
        foreach (var (_, module) in look.Parts)
        {
            module.train();
        }

        return result;
    }
}
