using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Classification;

/// <summary>Dropout as <see cref="HeadDropout"/> draws it, where a code base has a module of its own for it.</summary>
internal sealed class DrawnDropout(double rate) : Module<Tensor, Tensor>(nameof(DrawnDropout))
{
    public override Tensor forward(Tensor input) => HeadDropout.Apply(input, rate, training);
}
