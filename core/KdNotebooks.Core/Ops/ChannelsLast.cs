using KdNotebooks.Tracing;
using TorchSharp.Modules;

namespace KdNotebooks.Ops;

/// <summary>
/// The memory layout [N, H, W, C] under the logical shape [N, C, H, W], in which convolutions on a CPU run faster.
/// TorchSharp has no memory-format argument; the strides make the layout.
/// </summary>
public static class ChannelsLast
{
    /// <summary>The same values in channels-last strides; a copy only where the strides are others.</summary>
    /// <param name="map">[N, C, H, W]</param>
    public static Tensor Of(Tensor map)
    {
        var (channels, height, width) = (map.shape[1], map.shape[2], map.shape[3]);
        // Written out: with one channel or one position torch takes any strides for channels-last, and keeps the old.
        long[] strides = [height * width * channels, 1, width * channels, channels];
        return Traced.Same(map, map.stride().SequenceEqual(strides)
            ? map.alias()
            : torch.empty_strided(map.shape, strides, map.dtype, map.device).copy_(map));
    }

    /// <summary>
    /// Lays out a model's convolution weights channels-last, in place. Call it before the optimizer is made.
    /// </summary>
    public static void Apply(nn.Module model)
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var unsound = model.modules().Prepend(model).OfType<Conv2d>().Distinct().Where(IsUnsound).ToList();
        // In the other layout the convolution is sound, whatever comes before it.
        unsound.ForEach(conv => conv.register_forward_pre_hook((_, input) => Traced.Same(input, input.contiguous())));
        foreach (var weight in model.parameters().Where(parameter => parameter.dim() == 4)
            .Except(unsound.Select(conv => conv.weight!)))
        {
            weight.set_(Of(weight));
        }
    }

    // oneDNN's backward pass of a channels-last 1x1 convolution with a stride and fewer than 16 channels a group writes
    // past its workspace: a crash with AVX-512, wrong gradients with AVX2 (uxlfoundation/oneDNN, issue 6035; seen here
    // with libtorch 2.10.0).
    private static bool IsUnsound(Conv2d conv) =>
        conv.kernel_size!.All(size => size == 1) && conv.stride!.Any(step => step != 1)
        && conv.in_channels / conv.groups < 16;
}
