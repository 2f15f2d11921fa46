using KdNotebooks.Parts;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models;

/// <summary>A reader's function as a model; in a recipe it stands under its name with its code's fingerprint.</summary>
/// <param name="name">In recipes, tables and commands: "tiny".</param>
/// <param name="build">
/// From (an image's channels, how many classes) to a module, with weights from torch's generator.
/// </param>
public sealed class OwnModel(string name, Func<int, int, Module> build) : IModelSpec, IOwnPart
{
    public string Name => name;

    /// <exception cref="KdException">The function failed, or gave no module that can be run.</exception>
    public Module Build(int channels, int classes)
    {
        Module module;
        try
        {
            module = build(channels, classes);
        }
        catch (Exception error) when (error is not (KdException or OperationCanceledException))
        {
            throw new KdException(
                $"model '{name}': for {channels} channels and {classes} classes: {Failure.Line(error)}", error);
        }

        return module is Module<Tensor, Tensor> or INetwork ? module : throw new KdException(
            $"model '{name}': for {channels} channels and {classes} classes it gave "
            + $"{module?.GetType().Name ?? "null"}; expected a module from images [N, {channels}, H, W] to logits, or one "
            + $"that implements {nameof(INetwork)}.");
    }
}
