using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models;

/// <summary>How models start.</summary>
internal static class FirstWeights
{
    /// <summary>
    /// Every convolution at He et al. 2015 (arXiv:1502.01852), fan out, for a ReLU behind it, as torchvision's residual
    /// networks do; biases, where there are any, at 0.
    /// </summary>
    public static void FanOut(Module model)
    {
        foreach (var conv in model.modules().OfType<Conv2d>())
        {
            init.kaiming_normal_(conv.weight!, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.ReLU);
            if (conv.bias is { } bias)
            {
                init.zeros_(bias);
            }
        }
    }

    /// <summary>
    /// <see cref="FanOut"/>, and linear layers normal with deviation 0.01 and biases at 0: torchvision's VGG and MobileNets,
    /// OpenMMLab's classifiers, RepDistiller's VGG and MobileNetV2.
    /// </summary>
    public static void FanOutAndSmallLinear(Module model)
    {
        FanOut(model);
        foreach (var linear in model.modules().OfType<Linear>())
        {
            init.normal_(linear.weight!, 0, 0.01);
            init.zeros_(linear.bias!);
        }
    }
}
