using KdNotebooks.Runtime;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Aligners;

/// <summary>How the convolutions of an aligner start.</summary>
/// <remarks>
/// There is no identity: behind a ReLU and with other channels it would be one for some teachers and students only.
/// </remarks>
public enum Initialization
{
    /// <summary>PyTorch's: weights and biases uniform on +-1 / sqrt(fan in).</summary>
    Default,

    /// <summary>
    /// Weights normal with variance 2 / fan out, biases 0: He et al. 2015 (arXiv:1502.01852), which keeps the size of
    /// gradients through ReLUs.
    /// </summary>
    KaimingFanOut,

    /// <summary>
    /// Weights uniform with variance 2 / (fan in + fan out), biases 0: Glorot and Bengio 2010.
    /// </summary>
    Xavier,
}

internal static class Initializations
{
    /// <summary>Draws the weights of all convolutions within; those of a new module are PyTorch's already.</summary>
    public static TModule Apply<TModule>(TModule module, Initialization initialization)
        where TModule : Module
    {
        if (!Enum.IsDefined(initialization))
        {
            throw new KdException(
                $"Initialization '{initialization}' is not known; expected "
                + $"{string.Join(", ", Enum.GetNames<Initialization>())}.");
        }

        if (initialization != Initialization.Default)
        {
            foreach (var conv in module.modules().Prepend(module).OfType<Conv2d>().Distinct())
            {
                Draw(conv, initialization);
            }
        }

        return module;
    }

    private static void Draw(Conv2d conv, Initialization initialization)
    {
        if (initialization == Initialization.Xavier)
        {
            init.xavier_uniform_(conv.weight!);
        }
        else
        {
            init.kaiming_normal_(
                conv.weight!, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.ReLU);
        }

        if (conv.bias is { } bias)
        {
            init.zeros_(bias);
        }
    }
}
