namespace KdNotebooks.Losses;

/// <summary>A feature loss with a choice of reduction.</summary>
public interface IReducible : IFeatureLoss
{
    Reduction Reduction { get; }

    /// <summary>The same loss with another reduction.</summary>
    IFeatureLoss With(Reduction reduction);
}

/// <summary>A logit loss with a term that relates the classes within one image.</summary>
public interface IClassRelation : ILogitLoss
{
    /// <param name="student">[N, K] probabilities, or any numbers in their place.</param>
    /// <param name="teacher">[N, K] likewise; no gradient flows into it.</param>
    /// <returns>A scalar: how little the rows of one go with the rows of the other.</returns>
    Tensor BetweenClasses(Tensor student, Tensor teacher);
}

/// <summary>A logit loss made of a target term and a non-target term: KD with the weight between them freed.</summary>
public interface IDecoupled : ILogitLoss
{
    double Temperature { get; }

    /// <returns>[N] each, one number for each image, T^2 included, weights not.</returns>
    (Tensor Target, Tensor NonTarget) Terms(Tensor student, Tensor teacher, Tensor labels);
}
