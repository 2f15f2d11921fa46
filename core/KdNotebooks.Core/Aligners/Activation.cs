using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Aligners;

/// <summary>What stands between the layers of an aligner.</summary>
public enum Activation
{
    /// <summary>max(x, 0): the paper's.</summary>
    ReLU,

    /// <summary>x Phi(x), exact.</summary>
    GELU,

    /// <summary>x sigmoid(x).</summary>
    SiLU,

    /// <summary>Nothing: the layers stay linear together.</summary>
    None,
}

internal static class Activations
{
    public static Module<Tensor, Tensor> Build(Activation activation) => activation switch
    {
        Activation.ReLU => ReLU(),
        Activation.GELU => GELU(),
        Activation.SiLU => SiLU(),
        Activation.None => nn.Identity(),
        _ => throw new KdException(
            $"Activation '{activation}' is not known; expected {string.Join(", ", Enum.GetNames<Activation>())}."),
    };
}
