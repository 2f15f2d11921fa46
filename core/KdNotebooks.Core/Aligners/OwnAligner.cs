using KdNotebooks.Parts;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Aligners;

/// <summary>
/// A reader's function as an aligner; in a recipe it stands under its name with its code's fingerprint.
/// </summary>
/// <param name="name">In recipes, tables and commands: "mine".</param>
/// <param name="build">
/// From (student's channels, teacher's channels) to a module from [N, C_s, H, W] to [N, C_t, H, W].
/// </param>
public sealed class OwnAligner(string name, Func<long, long, Module<Tensor, Tensor>> build) : IAligner, IOwnPart
{
    public string Name => name;

    public Module<Tensor, Tensor> Build(long studentChannels, long teacherChannels) =>
        build(studentChannels, teacherChannels);
}
