using KdNotebooks.Tracing;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Classification;

/// <summary>
/// An inverted residual: to more channels, a convolution of each channel for itself, to fewer, and the input on top where
/// it has the same shape. Sandler et al. 2018 (arXiv:1801.04381).
/// </summary>
internal sealed class Residual : Module<Tensor, Tensor>, IEndsInNorm
{
    private readonly Func<Steps> branch; // no field of a module, see Steps
    private readonly bool adds;

    /// <param name="path">What the code base calls the branch: "conv", "block".</param>
    /// <param name="branch">Ends in a normalization, without an activation.</param>
    /// <param name="adds">Whether the input is added.</param>
    public Residual(string path, Steps branch, bool adds) : base(nameof(Residual))
    {
        (this.branch, this.adds) = (() => branch, adds);
        register_module(path, branch);
    }

    /// <inheritdoc/>
    public Module End => branch();

    public override Tensor forward(Tensor input)
    {
        var x = branch().call(input);
        return adds ? x.AddInPlace(input) : x;
    }
}
