using KdNotebooks.Runtime;

namespace KdNotebooks.Metrics;

/// <summary>
/// Linear centred kernel alignment of two representations of the same images: how alike their geometries are, whatever
/// basis each is written in. Kornblith et al. 2019 (arXiv:1905.00414), section 3: ||Y'X||² / (||X'X|| ||Y'Y||) of the
/// centred features, Frobenius norms. 1 for equal representations, up to a rotation and a scale; 0 for unrelated.
/// </summary>
/// <remarks>
/// Computed in double precision over the Gram matrices of the images, which give the same number and are small where
/// features are many. It is the estimate of the paper: with few images and many features it lies too high, so compare
/// numbers over equally many images.
/// </remarks>
public static class LinearCka
{
    /// <param name="x">[n, p], a row an image.</param>
    /// <param name="y">[n, q], the same images.</param>
    /// <returns>From 0 to 1; NaN where one of them is the same for every image.</returns>
    /// <exception cref="KdException">No matrices, another number of images, or fewer than two.</exception>
    public static double Of(Tensor x, Tensor y)
    {
        using var scope = torch.NewDisposeScope();
        return OfGrams(Gram(x), Gram(y));
    }

    /// <summary>
    /// The centred Gram matrix [n, n] in double precision, from which many comparisons of one representation are cheap;
    /// it belongs to the caller's scope.
    /// </summary>
    /// <param name="features">[n, p], a row an image.</param>
    /// <exception cref="KdException">No matrix, or fewer than two images.</exception>
    public static Tensor Gram(Tensor features)
    {
        if (features.dim() != 2 || features.shape[0] < 2)
        {
            throw new KdException(
                $"LinearCka: features [{string.Join(", ", features.shape)}]; expected [n, p] of at least two images. "
                + "Flatten maps with .flatten(1).");
        }

        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var precise = features.to(torch.float64);
        var centred = precise - precise.mean([0], keepdim: true);
        return centred.matmul(centred.t()).MoveToOuterDisposeScope();
    }

    /// <summary>The alignment of two Gram matrices of the same images.</summary>
    /// <exception cref="KdException">They are of another number of images.</exception>
    public static double OfGrams(Tensor one, Tensor other)
    {
        if (!one.shape.SequenceEqual(other.shape))
        {
            throw new KdException(
                $"LinearCka: {one.shape[0]} images on one side and {other.shape[0]} on the other; expected the same "
                + "images, row by row.");
        }

        using var scope = torch.NewDisposeScope();
        var sizes = one.norm().ToDouble() * other.norm().ToDouble();
        return sizes > 0 ? (one * other).sum().ToDouble() / sizes : double.NaN;
    }
}
