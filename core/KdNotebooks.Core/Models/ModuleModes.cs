using static TorchSharp.torch.nn;

namespace KdNotebooks.Models;

/// <summary>The training modes of a module and everything below it, put back when this is disposed.</summary>
internal sealed class ModuleModes : IDisposable
{
    private readonly List<(Module Module, bool Training)> modes;

    private ModuleModes(Module model) =>
        modes = [.. model.modules().Prepend(model).Distinct().Select(module => (module, module.training))
            .OrderByDescending(entry => entry.module.modules().Count())];

    public static ModuleModes Keep(Module model) => new(model);

    // From the outside in, for a module has more below it than any of its parts: one that stands in another mode than
    // its parent has the last word.
    public void Dispose() => modes.ForEach(entry => entry.Module.train(entry.Training));
}
