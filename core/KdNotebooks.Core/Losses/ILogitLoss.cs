namespace KdNotebooks.Losses;

/// <summary>Compares a student's logits with the teacher's.</summary>
public interface ILogitLoss
{
    /// <summary>Its name in tables and error messages: "kd".</summary>
    string Name { get; }

    /// <summary>What of it is constant for logits of this size: as for <see cref="IFeatureLoss.IdleFor"/>.</summary>
    /// <param name="rows">N: images, or pixels.</param>
    /// <param name="classes">K.</param>
    Idle? IdleFor(long rows, long classes) => null;

    /// <summary>Whether it looks at the labels: then training images need some. The default is true.</summary>
    bool ReadsLabels => true;

    /// <param name="student">[N, K] raw logits; gradients flow into it.</param>
    /// <param name="teacher">[N, K] raw logits; no gradient flows into it.</param>
    /// <param name="labels">[N] int64, the true classes; many losses do not look at them.</param>
    /// <returns>A scalar.</returns>
    /// <exception cref="Runtime.KdException">The shapes do not fit each other.</exception>
    Tensor Compute(Tensor student, Tensor teacher, Tensor labels);
}
