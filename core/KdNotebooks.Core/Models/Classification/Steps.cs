using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Classification;

/// <summary>
/// Modules one behind another, as PyTorch's <c>Sequential</c> has them and with its names, whose batch normalizations
/// fold into the convolutions right before them. (TorchSharp's own cannot leave one of its modules out.)
/// </summary>
internal sealed class Steps : FoldableModule, IEndsInNorm
{
    // No field holds a module: TorchSharp would register it again, under the field's name.
    private readonly List<Func<Tensor, Tensor>> passes = [];
    private readonly Func<Module> last;

    /// <param name="parts">At least one; called "0", "1", ...</param>
    public Steps(params IEnumerable<Module<Tensor, Tensor>> parts)
        : this(parts.Select((part, i) => ($"{i}", part)))
    {
    }

    /// <param name="parts">At least one; an activation in place never comes first.</param>
    public Steps(IEnumerable<(string Name, Module<Tensor, Tensor> Module)> parts) : base(nameof(Steps))
    {
        var all = parts.ToList();
        all.ForEach(part => Add(part.Name, part.Module));
        for (var i = 0; i < all.Count; i++)
        {
            if (all[i].Module is Conv2d conv && i + 1 < all.Count && all[i + 1].Module is BatchNorm2d norm)
            {
                passes.Add(Own(new ConvNorm(conv, norm)).Forward);
                i++;
            }
            else
            {
                passes.Add(all[i].Module.call);
            }
        }

        last = () => all[^1].Module;
    }

    /// <inheritdoc/>
    public Module End => last();

    public override Tensor forward(Tensor input)
    {
        var x = input;
        foreach (var pass in passes)
        {
            var next = pass(x);
            // Each map lives no longer than it is needed: a network of many steps is one of these.
            if (!ReferenceEquals(x, input) && !ReferenceEquals(x, next))
            {
                x.Dispose();
            }

            x = next;
        }

        return x;
    }
}

/// <summary>
/// A module whose output is distributed as its last normalization's: what a loss with margins reads of a teacher's map.
/// </summary>
internal interface IEndsInNorm
{
    /// <summary>A batch normalization, or another module of this kind; null or anything else where it is none.</summary>
    Module? End { get; }
}

/// <summary>
/// Gives what it takes: a place to listen at a block's sum before its ReLU, which the code bases compute without a module.
/// </summary>
/// <param name="norm">The normalization before the sum, whose numbers stand for the sum's; null where there is none.</param>
internal sealed class BeforeReLU(Func<Module>? norm = null) : Module<Tensor, Tensor>(nameof(BeforeReLU)), IEndsInNorm
{
    /// <inheritdoc/>
    public Module? End => norm?.Invoke();

    public override Tensor forward(Tensor input) => input;
}
