using KdNotebooks.Runtime;

namespace KdNotebooks.Ops;

/// <summary>Cross-entropy that counts what is well learnt for little.</summary>
public static class FocalLoss
{
    /// <summary>
    /// alpha_t (1 - p_t)^gamma (-log p_t), of a sigmoid for each class. Lin et al. 2017 (arXiv:1708.02002), eq. 5.
    /// </summary>
    /// <param name="logits">Any shape.</param>
    /// <param name="targets">0 or 1, or between; of the same shape and type.</param>
    /// <param name="alpha">
    /// Weight of the ones, 0 to 1; below 0 ones and zeros weigh alike. The default value is 0.25.
    /// </param>
    /// <param name="gamma">Dimensionless, at least 0. The default value is 2.</param>
    /// <param name="reduction">The default value is the sum, which RetinaNet divides by its number of objects.</param>
    /// <returns>A number, or the logits' shape with <see cref="nn.Reduction.None"/>.</returns>
    public static Tensor Sigmoid(
        Tensor logits, Tensor targets, double alpha = 0.25, double gamma = 2, nn.Reduction reduction = nn.Reduction.Sum)
    {
        if (!logits.shape.SequenceEqual(targets.shape))
        {
            throw new KdException(
                $"FocalLoss: expected targets like the logits [{string.Join(", ", logits.shape)}], got "
                + $"[{string.Join(", ", targets.shape)}]; give each logit a target of 0 or 1.");
        }

        using var scope = torch.NewDisposeScope();
        targets = targets.to(logits.dtype);
        // With the sigmoid of -z for 1 - p: of a large logit that difference is lost in single precision, and so is the
        // cross-entropy of torch's binary_cross_entropy_with_logits.
        var (against, others) = (-logits, 1 - targets);
        var crossEntropy = -(targets * nn.functional.logsigmoid(logits)) - (others * nn.functional.logsigmoid(against));
        var miss = (targets * against.sigmoid()) + (others * logits.sigmoid()); // 1 - p_t
        var loss = gamma switch
        {
            0 => crossEntropy,
            2 => crossEntropy * miss.square(),
            // Below 1 the power's slope at 0 is infinite.
            _ => crossEntropy * miss.clamp_min(1e-30).pow(gamma),
        };
        if (alpha >= 0)
        {
            loss = loss * (1 - alpha + (((2 * alpha) - 1) * targets));
        }

        return (reduction switch
        {
            nn.Reduction.Mean => loss.mean(),
            nn.Reduction.Sum => loss.sum(),
            _ => loss,
        }).MoveToOuterDisposeScope();
    }
}
