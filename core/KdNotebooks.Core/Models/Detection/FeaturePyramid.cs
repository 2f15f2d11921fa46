using KdNotebooks.Ops;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Detection;

/// <summary>What a pyramid has above the backbone's last stage.</summary>
public enum TopLevels
{
    /// <summary>One level more, every second position of the one below: Faster R-CNN's.</summary>
    Pool,

    /// <summary>Two levels more, convolutions with a stride: RetinaNet's P6 and P7.</summary>
    P6P7,
}

/// <summary>
/// The feature pyramid of Lin et al. 2017 (arXiv:1612.03144), figure 3: each stage through a 1x1 convolution, added to
/// the enlarged level above, then a 3x3 convolution. Names as in torchvision (<c>inner_blocks.0.0, layer_blocks.0.0,
/// extra_blocks.p6</c>).
/// </summary>
/// <remarks>Where to tap: <c>layer_blocks.0</c> is the finest level.</remarks>
public sealed class FeaturePyramid : Module, IOldNames
{
    private readonly ModuleList<Module<Tensor, Tensor>> inner_blocks, layer_blocks;
    private readonly ModuleDict<Conv2d>? extra_blocks;

    /// <param name="stages">Channels of the backbone's stages, the finest first.</param>
    /// <param name="channels">Of every level. The default value of the papers is 256.</param>
    public FeaturePyramid(IReadOnlyList<int> stages, int channels, TopLevels top) : base(nameof(FeaturePyramid))
    {
        inner_blocks = ModuleList([.. stages.Select(inputs => Named(Conv2d(inputs, channels, 1)))]);
        layer_blocks = ModuleList([.. stages.Select(_ => Named(Conv2d(channels, channels, 3, 1, 1)))]);
        if (top == TopLevels.P6P7)
        {
            extra_blocks = ModuleDict(
                ("p6", Conv2d(channels, channels, 3, 2, 1)), ("p7", Conv2d(channels, channels, 3, 2, 1)));
        }

        RegisterComponents();
        foreach (var conv in modules().OfType<Conv2d>())
        {
            init.kaiming_uniform_(conv.weight!, 1);
            init.zeros_(conv.bias!);
        }
    }

    // "inner_blocks.0.weight" in older files
    IEnumerable<(string Before, string Now)> IOldNames.OldNames => Enumerable.Range(0, inner_blocks.Count)
        .SelectMany(i => new[] { "inner_blocks", "layer_blocks" }
            .SelectMany(blocks => OldNames.Convolution($"{blocks}.{i}", $"{blocks}.{i}.0")));

    /// <summary>How many levels there are.</summary>
    public int Levels => layer_blocks.Count + (extra_blocks is null ? 1 : 2);

    /// <summary>The levels, the finest first: the caller's dispose scope owns them.</summary>
    /// <param name="maps">Of the stages, the finest first: [N, C_i, H_i, W_i].</param>
    /// <returns>[N, C, H_i, W_i] each, then those above, each half as large.</returns>
    public IReadOnlyList<Tensor> Forward(IReadOnlyList<Tensor> maps)
    {
        using var scope = torch.NewDisposeScope();
        var levels = new Tensor[maps.Count];
        Tensor? above = null;
        for (var i = maps.Count - 1; i >= 0; i--)
        {
            var lateral = inner_blocks[i].call(maps[i]);
            above = above is null ? lateral : lateral + functional.interpolate(
                above, [lateral.shape[2], lateral.shape[3]], mode: torch.InterpolationMode.Nearest);
            levels[i] = layer_blocks[i].call(above);
        }

        var all = new List<Tensor>(levels);
        if (extra_blocks is null)
        {
            var last = levels[^1];
            all.Add(ChannelsLast.Of(last.slice(2, 0, last.shape[2], 2).slice(3, 0, last.shape[3], 2)));
        }
        else
        {
            all.Add(extra_blocks["p6"].call(levels[^1]));
            all.Add(extra_blocks["p7"].call(functional.relu(all[^1])));
        }

        all.ForEach(level => level.MoveToOuterDisposeScope());
        return all;
    }

    // torchvision's Conv2dNormActivation: a sequence that holds the convolution as "0".
    private static Module<Tensor, Tensor> Named(Conv2d conv) => Sequential(("0", conv));
}
