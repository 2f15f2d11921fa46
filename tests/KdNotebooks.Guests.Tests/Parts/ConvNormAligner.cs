using KdNotebooks.Aligners;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Guests.Parts;

/// <summary>A 3x3 convolution with normalization behind it.</summary>
/// <param name="Kernel">Odd. The default value is 3.</param>
public sealed record ConvNormAligner(int Kernel = 3) : IAligner
{
    public string Name => "conv-norm";

    public Module<Tensor, Tensor> Build(long studentChannels, long teacherChannels) => Sequential(
        ("conv", Conv2d(studentChannels, teacherChannels, Kernel, padding: Kernel / 2, bias: false)),
        ("norm", BatchNorm2d(teacherChannels)));
}
