using KdNotebooks.Ops;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Detection;

/// <summary>A residual network and the feature pyramid on its stages; names as in torchvision (<c>body, fpn</c>).</summary>
public sealed class PyramidBackbone : Module
{
    private readonly DeepResNet body;
    private readonly FeaturePyramid fpn;
    private readonly int first;
    private readonly IReadOnlyList<Module> still;

    /// <param name="first">The first stage that the pyramid has a level for: 1 (Faster R-CNN) or 2 (RetinaNet).</param>
    /// <exception cref="Runtime.KdException">An option is out of its range.</exception>
    internal PyramidBackbone(PyramidOptions options, int first, TopLevels top) : base(nameof(PyramidBackbone))
    {
        options.RequireSound();
        this.first = first;
        body = new DeepResNet(options.Body);
        fpn = new FeaturePyramid(
            [.. Enumerable.Range(first, 5 - first).Select(options.Body.StageWidth)], options.Channels, top);
        RegisterComponents();
        foreach (var norm in body.modules().OfType<FrozenBatchNorm2d>())
        {
            norm.Epsilon = options.FrozenEpsilon ?? norm.Epsilon;
        }

        still = [.. Still(options).Select(name => ModuleTable.Find(body, name))];
        foreach (var parameter in still.SelectMany(module => module.parameters()))
        {
            parameter.requires_grad = false;
        }
    }

    /// <summary>How many levels the pyramid has.</summary>
    public int Levels => fpn.Levels;

    /// <summary>Module paths of the pyramid's levels within the network that holds this as "backbone".</summary>
    internal IReadOnlyList<string> LevelPaths =>
        [.. Enumerable.Range(0, 5 - first).Select(i => $"backbone.fpn.layer_blocks.{i}")];

    /// <inheritdoc cref="INetwork.Derived"/>
    internal IDerivedMap? Derived(string path) => path == RegionMaps.Path ? new RegionMaps(LevelPaths) : null;

    // What is frozen stays in evaluation mode: else its statistics would follow each batch.
    public override void train(bool train = true)
    {
        base.train(train);
        foreach (var module in still)
        {
            module.train(false);
        }
    }

    /// <summary>The pyramid's levels, the finest first; the caller's dispose scope owns them.</summary>
    /// <param name="images">[N, C, H, W].</param>
    public IReadOnlyList<Tensor> Forward(Tensor images)
    {
        using var scope = torch.NewDisposeScope();
        var levels = fpn.Forward([.. body.Stages(images).Skip(first - 1)]);
        foreach (var level in levels)
        {
            level.MoveToOuterDisposeScope();
        }

        return levels;
    }

    private static IEnumerable<string> Still(PyramidOptions options) => (string[])
    [
        .. (options.TrainableLayers ?? 5) == 5 ? [] : options.Body.DeepStem ? new[] { "stem" } : ["conv1", "bn1"],
        .. Enumerable.Range(1, 4).Where(stage => stage <= 4 - (options.TrainableLayers ?? 5)).Select(stage => $"layer{stage}"),
    ];
}
