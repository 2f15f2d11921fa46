using static TorchSharp.torch.nn;

namespace KdNotebooks.Distillation;

/// <summary>
/// A student's bridges, in the order of its connections, and the fused one, as one module: "0.aligner.0.weight",
/// "fused.fusion0.reduce.0.weight".
/// </summary>
/// <remarks>
/// Not a ModuleList, which registers its modules only when a module that holds it as a field registers its own: by
/// itself it has no parameters, and an optimizer would train nothing.
/// </remarks>
internal sealed class Bridges : Module
{
    public Bridges(IEnumerable<Bridge> bridges, FusedBridge? fused) : base(nameof(Bridges))
    {
        (All, Fused) = ([.. bridges], fused);
        for (var i = 0; i < All.Count; i++)
        {
            register_module($"{i}", All[i]);
        }

        if (fused is not null)
        {
            register_module("fused", fused);
        }
    }

    public IReadOnlyList<Bridge> All { get; }

    public FusedBridge? Fused { get; }
}
