using static TorchSharp.torch.nn;

namespace KdNotebooks.Aligners;

/// <summary>The 1x1 convolution that several aligners begin with.</summary>
internal static class Pointwise
{
    /// <summary>
    /// A 1x1 convolution with bias where the channels differ, else nothing: how MGD and FGD begin (yzd-v/MGD, yzd-v/FGD).
    /// </summary>
    public static Module<Tensor, Tensor> WhereChannelsDiffer(long studentChannels, long teacherChannels) =>
        studentChannels == teacherChannels ? nn.Identity() : Conv2d(studentChannels, teacherChannels, 1);
}
