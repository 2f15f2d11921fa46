using static TorchSharp.torch.nn;

namespace KdNotebooks.Models;

/// <summary>
/// An untrained model of a given shape. A value: it round-trips through JSON and takes part in a recipe's hash.
/// </summary>
public interface IModelSpec
{
    /// <summary>In tables: "ResNet-8 (width 8)".</summary>
    string Name { get; }

    /// <summary>The dataset that it is shown on where none is named. The default is "fashion-mnist-mini".</summary>
    string UsualData => "fashion-mnist-mini";

    /// <summary>A module that <see cref="Network.Of"/> can run, with weights drawn from torch's generator.</summary>
    /// <param name="channels">Of the image.</param>
    /// <param name="classes">How many logits.</param>
    Module Build(int channels, int classes);
}
