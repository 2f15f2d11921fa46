namespace KdNotebooks.Losses;

/// <summary>Compares a student's aligned feature map with the teacher's; a pure function of the two.</summary>
/// <remarks>A loss with weights of its own, or that must know more of the teacher, is an <see cref="IBuiltLoss"/>.</remarks>
public interface IFeatureLoss
{
    /// <summary>Its name in tables and error messages: "l2".</summary>
    string Name { get; }

    /// <summary>
    /// Which maps it can compare; a connection is checked against it when it is built. The default is maps of one shape.
    /// </summary>
    MapFit Fit => MapFit.SameShape;

    /// <summary>
    /// What of it is constant for maps of these shapes, and so teaches nothing: refused, or said, before training. The
    /// default says nothing; what a first step shows is looked at in any case.
    /// </summary>
    /// <param name="student">The aligned student's map, for one image.</param>
    /// <param name="teacher">The teacher's map, for one image.</param>
    /// <param name="images">In a step.</param>
    Idle? IdleFor(Aligners.FeatureShape student, Aligners.FeatureShape teacher, int images) => null;

    /// <param name="student">[N, C, H, W]; gradients flow into it.</param>
    /// <param name="teacher">[N, C, H, W]; no gradient flows into it.</param>
    /// <returns>A scalar.</returns>
    /// <exception cref="Runtime.KdException">The shapes do not fit each other.</exception>
    Tensor Compute(Tensor student, Tensor teacher);
}
