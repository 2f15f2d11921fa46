using static TorchSharp.torch.nn;

namespace KdNotebooks.Distillation;

/// <summary>A student's bridges, in the order of its connections, as one module: "0.aligner.0.weight".</summary>
/// <remarks>
/// Not a ModuleList, which registers its modules only when a module that holds it as a field registers its own: by
/// itself it has no parameters, and an optimiser would train nothing.
/// </remarks>
internal sealed class Bridges : Module
{
    public Bridges(IEnumerable<Bridge> bridges) : base(nameof(Bridges))
    {
        All = [.. bridges];
        for (var i = 0; i < All.Count; i++)
        {
            register_module($"{i}", All[i]);
        }
    }

    public IReadOnlyList<Bridge> All { get; }
}
