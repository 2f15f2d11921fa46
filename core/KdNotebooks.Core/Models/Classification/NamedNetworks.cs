using KdNotebooks.Runtime;

namespace KdNotebooks.Models.Classification;

/// <summary>
/// The networks whose public checkpoints people have, by the names of their code bases: RepDistiller's for 32x32
/// (mdistiller's are the same), torchvision's, and MobileNetV1.
/// </summary>
public static class NamedNetworks
{
    internal const string Stem = "feat0", Pooled = "pooled";

    private const string Rep = "RepDistiller", Vision = "torchvision";

    /// <summary>Small images' first, then torchvision's.</summary>
    public static IReadOnlyList<NamedNetwork> All { get; } =
    [
        .. new[] { 8, 14, 20, 32, 44, 56, 110 }.Select(depth => CifarResNet($"resnet{depth}", depth, [16, 16, 32, 64])),
        .. new[] { 8, 32 }.Select(depth => CifarResNet($"resnet{depth}x4", depth, [32, 64, 128, 256])),
        CifarResNet50(),
        .. new[] { (16, 1), (16, 2), (40, 1), (40, 2) }.Select(size => Wide(size.Item1, size.Item2)),
        CifarVgg("vgg8", 1, 1, 1, 1, 1),
        CifarVgg("vgg11", 1, 1, 2, 2, 2),
        CifarVgg("vgg13", 2, 2, 2, 2, 2),
        CifarVgg("vgg16", 2, 2, 3, 3, 3),
        CifarVgg("vgg19", 2, 2, 4, 4, 4),
        new("MobileNetV2", Rep, "MobileNetV2 of half the width, for 32x32.",
            [new(Stem, "conv1"), new("feat1", "blocks.1"), new("feat2", "blocks.2"), new("feat3", "blocks.4"),
                new("feat4", "blocks.6"), new(Pooled, "flatten")])
        {
            Make = build => new CifarMobileNetV2(build.Channels, build.Classes) { Stages = build.Named.Stages },
        },
        new("ShuffleV1", Rep, "ShuffleNet in three groups, for 32x32.", Layered([3, 7, 3]))
        {
            Make = build => new ShuffleNetV1(build.Channels, build.Classes) { Stages = build.Named.Stages },
        },
        new("ShuffleV2", Rep, "ShuffleNetV2 of width 1, for 32x32.", Layered([3, 7, 3]))
        {
            Make = build => new CifarShuffleNetV2(build.Channels, build.Classes) { Stages = build.Named.Stages },
        },
        new("mobilenet_v1", "OpenMMLab", "MobileNetV1, with the names of MGD's classifier.",
            [new("stage1", "backbone.model.3"), new("stage2", "backbone.model.5"), new("stage3", "backbone.model.11"),
                new("stage4", "backbone.model.13"), new(Pooled, "flatten")])
        {
            TakesWidth = true,
            TakesStemStride = true,
            Make = build => new MobileNetV1(build.Width, build.StemStride, build.Channels, build.Classes)
            {
                Stages = build.Named.Stages,
            },
        },
        .. new[] { 18, 34, 50, 101, 152 }.Select(depth => ResNet($"resnet{depth}", depth, 1, 64)),
        ResNet("resnext50_32x4d", 50, 32, 4),
        ResNet("resnext101_32x8d", 101, 32, 8),
        ResNet("resnext101_64x4d", 101, 64, 4),
        ResNet("wide_resnet50_2", 50, 1, 128),
        ResNet("wide_resnet101_2", 101, 1, 128),
        Vgg("vgg11_bn", 1, 1, 2, 2, 2),
        Vgg("vgg13_bn", 2, 2, 2, 2, 2),
        Vgg("vgg16_bn", 2, 2, 3, 3, 3),
        new("mobilenet_v2", Vision, "MobileNetV2.", Numbered(3, 6, 13, 18))
        {
            TakesWidth = true,
            Make = build => new MobileNetV2(build.Width, build.Channels, build.Classes) { Stages = build.Named.Stages },
        },
        new("mobilenet_v3_large", Vision, "MobileNetV3, large.", Numbered(3, 6, 12, 16))
        {
            TakesWidth = true,
            Make = build => new MobileNetV3(build.Width, build.Channels, build.Classes) { Stages = build.Named.Stages },
        },
        new("shufflenet_v2_x1_0", Vision, "ShuffleNetV2 of width 1.",
            [.. new[] { "stage2", "stage3", "stage4" }.Select(path => new FeaturePlace(path, path)), new("last", "conv5"),
                new(Pooled, "flatten")])
        {
            Make = build => new ShuffleNetV2(build.Channels, build.Classes) { Stages = build.Named.Stages },
        },
    ];

    /// <summary>In the order of <see cref="All"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(network => network.Name)];

    /// <summary>A line each: name, code base, what it is.</summary>
    public static string List => string.Join('\n', TextColumns.Align(
        [.. All.Select(one => (IReadOnlyList<string>)[one.Name, one.CodeBase, one.About])], _ => false)) + "\n";

    /// <summary>One of them; upper and lower case count, for "ResNet50" is RepDistiller's and "resnet50" torchvision's.</summary>
    /// <exception cref="KdException">There is none of this name; the nearest is named.</exception>
    public static NamedNetwork Find(string name) => All.FirstOrDefault(network => network.Name == name)
        ?? throw new KdException(
            $"'{NameList.Short(name)}' is no network's name; the nearest is '{Nearest.Of(NameList.Short(name), Names)}'. "
            + "NamedNetworks.List and `kd networks` list them all.");

    private static NamedNetwork CifarResNet(string name, int depth, long[] widths)
    {
        var blocks = (depth - 2) / 6;
        return new(name, Rep, $"Residual network for 32x32 of depth {depth}, {string.Join(", ", widths[1..])} channels.",
            Layered([blocks - 1, blocks - 1, blocks - 1]))
        {
            Make = build => new CifarResNet(widths, [blocks, blocks, blocks], false, build.Channels, build.Classes)
            {
                Stages = build.Named.Stages,
            },
        };
    }

    private static NamedNetwork CifarResNet50() =>
        new("ResNet50", Rep, "Residual network for 32x32 of depth 50, bottlenecks.", Layered([2, 3, 5, 2]))
        {
            Make = build => new CifarResNet([64, 64, 128, 256, 512], [3, 4, 6, 3], true, build.Channels, build.Classes)
            {
                Stages = build.Named.Stages,
            },
        };

    // Its maps are sums without a ReLU; what comes next is the normalization before one.
    private static NamedNetwork Wide(int depth, int factor) =>
        new($"wrn_{depth}_{factor}", Rep, $"Wide residual network for 32x32 of depth {depth}, {factor} times as wide.",
            [new(Stem, "conv1"), new("feat1", "block1", "block2.layer.0.bn1"), new("feat2", "block2", "block3.layer.0.bn1"),
                new("feat3", "block3", "bn1"), new("last", "relu"), new(Pooled, "flatten")])
        {
            Make = build => new WideResNet(depth, factor, build.Channels, build.Classes) { Stages = build.Named.Stages },
        };

    private static NamedNetwork CifarVgg(string name, params int[] depths) =>
        new(name, Rep, $"VGG for 32x32 with {depths.Sum()} convolutions and a linear layer.",
            [
                new(Stem, "relu0", "block0"),
                .. Enumerable.Range(1, 4).Select(i => new FeaturePlace($"feat{i}", $"relu{i}", $"block{i}")),
                new(Pooled, "flatten"),
            ])
        {
            Make = build => new CifarVgg(depths, build.Channels, build.Classes) { Stages = build.Named.Stages },
        };

    private static NamedNetwork ResNet(string name, int depth, int groups, int groupWidth) =>
        new(name, Vision, $"Residual network of depth {depth}, " + (groups, groupWidth) switch
        {
            (1, 64) => "as in its paper.",
            (1, _) => $"bottlenecks {groupWidth / 64} times as wide.",
            _ => $"{groups} groups of width {groupWidth}.",
        }, [.. Enumerable.Range(1, 4).Select(i => new FeaturePlace($"stage{i}", $"layer{i}")), new(Pooled, "avgpool")])
        {
            Make = build => new DeepResNet(new DeepResNetOptions(
                depth, Channels: build.Channels, Classes: build.Classes, Groups: groups, GroupWidth: groupWidth)),
        };

    private static NamedNetwork Vgg(string name, params int[] depths)
    {
        // Each stage is convolution, normalization and ReLU as often as it is deep, then a halving.
        var ends = depths.Select((_, stage) => depths[..(stage + 1)].Sum(depth => (3 * depth) + 1) - 2).ToList();
        return new(name, Vision, $"VGG with {depths.Sum()} convolutions, batch normalization and three linear layers.",
            [.. ends.Select((end, i) => new FeaturePlace($"stage{i + 1}", $"features.{end}", $"features.{end - 1}")),
                new(Pooled, "flatten")])
        {
            Make = build => new Vgg(depths, build.Channels, build.Classes) { Stages = build.Named.Stages },
        };
    }

    private static FeaturePlace[] Layered(int[] last) =>
    [
        new(Stem, "relu"),
        .. last.Select((block, i) => new FeaturePlace($"feat{i + 1}", $"layer{i + 1}", $"layer{i + 1}.{block}.preact")),
        new(Pooled, "flatten"),
    ];

    private static FeaturePlace[] Numbered(params int[] ends) =>
        [.. ends.Select((end, i) => new FeaturePlace($"stage{i + 1}", $"features.{end}")), new(Pooled, "flatten")];
}
