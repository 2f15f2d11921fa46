using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Classification;

/// <summary>A module that owns convolutions with the batch normalization behind them, and folds them all.</summary>
/// <remarks>
/// What is not a convolution with its normalization right behind it stays as it is: a normalization before an activation
/// (pre-activation networks), a convolution that nothing normalizes.
/// </remarks>
internal abstract class FoldableModule(string name) : Module<Tensor, Tensor>(name), IFoldable
{
    private readonly List<ConvNorm> pairs = [];

    /// <summary>Registers a part under a name of its own, whatever the field that holds it is called.</summary>
    protected TModule Add<TModule>(string path, TModule module)
        where TModule : Module
    {
        register_module(path, module);
        return module;
    }

    /// <summary>Registers both; the step runs them as one.</summary>
    protected ConvNorm Add(string conv, Conv2d convolution, string norm, long channels) =>
        Own(new ConvNorm(Add(conv, convolution), Add(norm, BatchNorm2d(channels))));

    /// <summary>To be folded and freed with this module.</summary>
    protected ConvNorm Own(ConvNorm pair)
    {
        pairs.Add(pair);
        return pair;
    }

    void IFoldable.Fold(IReadOnlySet<Module> tapped) => pairs.ForEach(pair => pair.Fold(tapped));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            pairs.ForEach(pair => pair.Free());
        }

        base.Dispose(disposing);
    }
}
