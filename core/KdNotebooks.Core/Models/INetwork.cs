using KdNotebooks.Data;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models;

/// <summary>What a network gives for a batch: whatever its task reads. <see cref="ModelOutput"/> is the usual one.</summary>
public interface IOutputs;

/// <summary>
/// Any TorchSharp module as a student or a teacher. A module from one tensor to one (logits) is one as it is; a module
/// with other outputs implements this itself.
/// </summary>
public interface INetwork
{
    /// <summary>What is trained, saved and tapped; disposing it disposes the network.</summary>
    Module Root { get; }

    /// <summary>
    /// What training and evaluation read. It must go through the modules' <c>call</c>, which taps hear. Targets are there
    /// to be read in training only, by networks that need them.
    /// </summary>
    /// <returns>The caller's dispose scope owns it.</returns>
    IOutputs Forward(Batch batch);

    /// <summary>
    /// Module paths of its stages, shallow to deep, without its output: where layers are compared. Null (the default): what
    /// hangs directly on the root and has parts itself.
    /// </summary>
    IReadOnlyList<string>? Stages => null;

    /// <summary>
    /// What it gives as a teacher at a path where its map depends on its student's output; null (the default) where it does
    /// not.
    /// </summary>
    IDerivedMap? Derived(string path) => null;
}

/// <summary>Networks of modules.</summary>
public static class Network
{
    /// <summary>The module as a network.</summary>
    /// <exception cref="KdException">It neither maps one tensor to one, nor says itself how it is run.</exception>
    public static INetwork Of(Module module) => module switch
    {
        INetwork network => network,
        Module<Tensor, Tensor> plain => new Plain(plain),
        _ => throw new KdException(
            $"{module.GetName()}: a {module.GetType().Name} is no Module<Tensor, Tensor>; expected one from images "
            + $"[N, C, H, W] to logits, or a module that implements {nameof(INetwork)} and says how it is run."),
    };

    private sealed record Plain(Module<Tensor, Tensor> Model) : INetwork
    {
        public Module Root => Model;

        public IOutputs Forward(Batch batch) => new ModelOutput(Model.call(batch.Images));
    }
}
