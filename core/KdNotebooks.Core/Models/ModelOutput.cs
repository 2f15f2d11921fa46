namespace KdNotebooks.Models;

/// <summary>What a model gives in training.</summary>
/// <param name="Logits">[N, K], or [N, K, H, W] of a class for each pixel.</param>
/// <param name="Auxiliary">The same from an earlier stage, for training alone; null where the model has none.</param>
public readonly record struct ModelOutput(Tensor Logits, Tensor? Auxiliary = null);

/// <summary>A model with a second head for training.</summary>
public interface IAuxiliaryModel
{
    /// <summary>What a training step needs: the logits, and the auxiliary head's. It is a call: taps hear it.</summary>
    /// <param name="images">[N, C, H, W].</param>
    ModelOutput WithAuxiliary(Tensor images);
}
