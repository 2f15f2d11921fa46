using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Aligners;

/// <summary>Leaves the student's map as it is; needs equal channels.</summary>
public sealed record Identity : IAligner
{
    public string Name => "identity";

    public Module<Tensor, Tensor> Build(long studentChannels, long teacherChannels) =>
        studentChannels == teacherChannels
            ? nn.Identity()
            : throw new KdException(
                $"Identity: the student has {studentChannels} channels, the teacher {teacherChannels}; they must be "
                + "equal. Use Linear or ChannelMlp, which change the number of channels.");
}
