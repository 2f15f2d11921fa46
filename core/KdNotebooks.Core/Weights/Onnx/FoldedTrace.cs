using KdNotebooks.Tracing;

namespace KdNotebooks.Weights.Onnx;

/// <summary>Batch normalizations that stand right behind a convolution, taken into its weights.</summary>
/// <remarks>w' = w g / s and b' = (b - m) g / s + h, with s = sqrt(var + eps), in float64.</remarks>
internal static class FoldedTrace
{
    /// <returns>
    /// The same with fewer steps. The new weights belong to the caller's dispose scope. A normalization elsewhere stays: before a
    /// convolution, behind a sum, or behind a convolution that others look at too.
    /// </returns>
    public static TraceGraph Of(TraceGraph graph)
    {
        var users = graph.Steps.SelectMany(step => step.Inputs).Append(graph.Result).GroupBy(value => value)
            .ToDictionary(value => value.Key, value => value.Count());
        var makers = graph.Steps.ToDictionary(step => step.Output);
        var kept = new List<TraceStep>();
        foreach (var step in graph.Steps)
        {
            if (step.Op is TraceOp.Norm norm && makers.TryGetValue(step.Inputs[0], out var before)
                && before.Op is TraceOp.Conv conv && users[before.Output] == 1)
            {
                kept.RemoveAll(one => one.Output == before.Output);
                kept.Add(step with { Op = Folded(conv, norm), Inputs = before.Inputs, Where = before.Where });
            }
            else
            {
                kept.Add(step);
            }
        }

        return graph with { Steps = kept };
    }

    private static TraceOp.Conv Folded(TraceOp.Conv conv, TraceOp.Norm norm)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var scale = (Wide(norm.Variance) + norm.Epsilon).rsqrt();
        scale = norm.Weight is null ? scale : scale * Wide(norm.Weight);
        var shift = -Wide(norm.Mean) * scale;
        shift = norm.Bias is null ? shift : shift + Wide(norm.Bias);
        shift = conv.Bias is null ? shift : shift + (Wide(conv.Bias) * scale);
        return conv with
        {
            Weight = (Wide(conv.Weight) * scale.view(-1, 1, 1, 1)).to(torch.float32).MoveToOuterDisposeScope(),
            Bias = shift.to(torch.float32).MoveToOuterDisposeScope(),
        };
    }

    private static Tensor Wide(Tensor values) => values.detach().cpu().to(torch.float64);
}
