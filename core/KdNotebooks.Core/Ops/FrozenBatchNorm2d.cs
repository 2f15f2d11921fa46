using KdNotebooks.Tracing;

namespace KdNotebooks.Ops;

/// <summary>
/// Batch normalization with statistics, factor and offset that never change: y = (x - mean) / sqrt(var + eps) * weight
/// + bias, in training too. The four are buffers with torchvision's names (weight, bias, running_mean, running_var), so
/// that its weights load and no optimizer sees them.
/// </summary>
/// <remarks>
/// The TorchVision package has a module of this name that overwrites its own bias in each pass (0.107.0): its second
/// pass gives other numbers.
/// </remarks>
public sealed class FrozenBatchNorm2d : nn.Module<Tensor, Tensor>, ITraced
{
    /// <param name="channels">C of [N, C, H, W]</param>
    /// <param name="epsilon">
    /// Beside the variance. The default value is 1e-5; torchvision's pretrained detectors on ResNet-50 want 0.
    /// </param>
    public FrozenBatchNorm2d(long channels, double epsilon = 1e-5) : base(nameof(FrozenBatchNorm2d))
    {
        Epsilon = epsilon;
        register_buffer("weight", torch.ones(channels));
        register_buffer("bias", torch.zeros(channels));
        register_buffer("running_mean", torch.zeros(channels));
        register_buffer("running_var", torch.ones(channels));
    }

    /// <summary>Beside the variance; set it to what loaded weights were made with.</summary>
    public double Epsilon { get; set; }

    TraceOp ITraced.Operation => new TraceOp.Norm(
        get_buffer("weight"), get_buffer("bias"), get_buffer("running_mean")!, get_buffer("running_var")!, Epsilon);

    // Asked by name: moving the module to a device puts other tensors in the place of these.
    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => nn.functional.batch_norm(
        input, get_buffer("running_mean")!, get_buffer("running_var")!, get_buffer("weight"), get_buffer("bias"),
        training: false, eps: Epsilon);
}
