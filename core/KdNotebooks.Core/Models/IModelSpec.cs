using static TorchSharp.torch.nn;

namespace KdNotebooks.Models;

/// <summary>An untrained model of a given shape.</summary>
public interface IModelSpec
{
    /// <summary>In tables: "ResNet-8 (width 8)".</summary>
    string Name { get; }

    /// <param name="channels">Of the image.</param>
    /// <param name="classes">How many logits.</param>
    Module<Tensor, Tensor> Build(int channels, int classes);
}
