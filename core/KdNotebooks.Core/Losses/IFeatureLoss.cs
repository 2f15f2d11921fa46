namespace KdNotebooks.Losses;

/// <summary>Compares a student's aligned feature map with the teacher's.</summary>
public interface IFeatureLoss
{
    /// <summary>Its name in tables and error messages: "l2".</summary>
    string Name { get; }

    /// <param name="student">[N, C, H, W]; gradients flow into it.</param>
    /// <param name="teacher">[N, C, H, W]; no gradient flows into it.</param>
    /// <returns>A scalar.</returns>
    /// <exception cref="Runtime.KdException">The shapes do not fit each other.</exception>
    Tensor Compute(Tensor student, Tensor teacher);
}

/// <summary>Compares a student's logits with the teacher's.</summary>
public interface ILogitLoss
{
    /// <summary>Its name in tables and error messages: "kd".</summary>
    string Name { get; }

    /// <param name="student">[N, K] raw logits; gradients flow into it.</param>
    /// <param name="teacher">[N, K] raw logits; no gradient flows into it.</param>
    /// <returns>A scalar, mean over N.</returns>
    /// <exception cref="Runtime.KdException">The shapes do not fit each other.</exception>
    Tensor Compute(Tensor student, Tensor teacher);
}
