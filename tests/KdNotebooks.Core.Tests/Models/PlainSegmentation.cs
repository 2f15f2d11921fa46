using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Models;

/// <summary>
/// Backbone and heads written a second time, from names and functional calls alone, in double precision and plain
/// layout: a stride of a 1x1 convolution is its own, pooled maps go through interpolate, nothing is in place.
/// </summary>
internal sealed class PlainSegmentation(Module model, bool training)
{
    private readonly Dictionary<string, Tensor> state = model.state_dict()
        .ToDictionary(entry => entry.Key, entry => entry.Value.detach().clone().to(torch.float64));

    /// <summary>The maps of the stages, with the strides and dilations of the first and the other blocks.</summary>
    public List<Tensor> Stages(Tensor x, string at, (int Stride, int First, int Others)[] stages)
    {
        if (state.ContainsKey($"{at}stem.0.weight"))
        {
            x = Pair($"{at}stem.0", $"{at}stem.1", x, 2, 1).relu();
            x = Pair($"{at}stem.3", $"{at}stem.4", x, 1, 1).relu();
            x = Pair($"{at}stem.6", $"{at}stem.7", x, 1, 1).relu();
        }
        else
        {
            x = Pair($"{at}conv1", $"{at}bn1", x, 2, 3).relu();
        }

        x = functional.max_pool2d(x, [3, 3], [2, 2], [1, 1]);
        var maps = new List<Tensor>();
        foreach (var ((stride, first, others), stage) in stages.Select((s, i) => (s, i + 1)))
        {
            for (var b = 0; state.ContainsKey($"{at}layer{stage}.{b}.conv1.weight"); b++)
            {
                x = Block($"{at}layer{stage}.{b}.", x, b == 0 ? stride : 1, b == 0 ? first : others);
            }

            maps.Add(x);
        }

        return maps;
    }

    public Tensor Psp(Tensor x, string at, params long[] bins)
    {
        var parts = new List<Tensor> { x };
        for (var i = 0; i < bins.Length; i++)
        {
            var path = $"{at}psp_modules.{i}.1";
            var cells = functional.adaptive_avg_pool2d(x, [bins[i], bins[i]]);
            parts.Add(Enlarged(Pair($"{path}.conv", $"{path}.bn", cells, 1, 0).relu(), x));
        }

        x = Pair($"{at}bottleneck.conv", $"{at}bottleneck.bn", torch.cat(parts, 1), 1, 1).relu();
        return functional.conv2d(x, state[$"{at}conv_seg.weight"], state[$"{at}conv_seg.bias"]);
    }

    public Tensor Fcn(Tensor x, string at) => functional.conv2d(
        Pair($"{at}0", $"{at}1", x, 1, 1).relu(), state[$"{at}4.weight"], state[$"{at}4.bias"]);

    public Tensor DeepLab(Tensor x, string at, params int[] rates)
    {
        var parts = new List<Tensor> { Pair($"{at}0.convs.0.0", $"{at}0.convs.0.1", x, 1, 0).relu() };
        for (var i = 0; i < rates.Length; i++)
        {
            parts.Add(Pair($"{at}0.convs.{i + 1}.0", $"{at}0.convs.{i + 1}.1", x, 1, rates[i], rates[i]).relu());
        }

        var last = $"{at}0.convs.{rates.Length + 1}";
        parts.Add(Enlarged(Pair($"{last}.1", $"{last}.2", x.mean([2, 3], keepdim: true), 1, 0).relu(), x));
        x = Pair($"{at}0.project.0", $"{at}0.project.1", torch.cat(parts, 1), 1, 0).relu();
        x = Pair($"{at}1", $"{at}2", x, 1, 1).relu();
        return functional.conv2d(x, state[$"{at}4.weight"], state[$"{at}4.bias"]);
    }

    public static Tensor Enlarged(Tensor x, Tensor like) => functional.interpolate(
        x, [like.shape[2], like.shape[3]], mode: torch.InterpolationMode.Bilinear, align_corners: false);

    private Tensor Block(string at, Tensor input, int stride, int dilation)
    {
        var bottleneck = state.ContainsKey($"{at}conv3.weight");
        var x = bottleneck
            ? Pair($"{at}conv1", $"{at}bn1", input, 1, 0).relu()
            : Pair($"{at}conv1", $"{at}bn1", input, stride, dilation, dilation).relu();
        x = bottleneck
            ? Pair($"{at}conv2", $"{at}bn2", x, stride, dilation, dilation).relu()
            : Pair($"{at}conv2", $"{at}bn2", x, 1, 1);
        x = bottleneck ? Pair($"{at}conv3", $"{at}bn3", x, 1, 0) : x;
        return (x + (state.ContainsKey($"{at}downsample.0.weight")
            ? Pair($"{at}downsample.0", $"{at}downsample.1", input, stride, 0)
            : input)).relu();
    }

    private Tensor Pair(string conv, string norm, Tensor x, long stride, long padding, long dilation = 1) =>
        functional.batch_norm(
            functional.conv2d(
                x, state[$"{conv}.weight"], null, [stride, stride], [padding, padding], [dilation, dilation],
                x.shape[1] / state[$"{conv}.weight"].shape[1]),
            state[$"{norm}.running_mean"], state[$"{norm}.running_var"], state[$"{norm}.weight"], state[$"{norm}.bias"],
            training);
}
