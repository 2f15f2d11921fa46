using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Classification;

/// <summary>
/// RepDistiller's VGG networks for 32x32 (<c>vgg8</c> to <c>vgg19</c>, with batch normalization and one linear layer), with
/// its names. Simonyan and Zisserman 2014 (arXiv:1409.1556).
/// </summary>
/// <remarks>
/// As there, a map is halved before the last block only where the image is 64 pixels high. The ReLU behind a block and the
/// halving before the next one are modules here (<c>relu0</c>, <c>pool0</c>, ...); a block ends before its ReLU.
/// </remarks>
internal sealed class CifarVgg : ImageNetwork
{
    private static readonly long[] Widths = [64, 128, 256, 512, 512];

    private readonly List<(Steps Block, Module<Tensor, Tensor> ReLU, Module<Tensor, Tensor>? Pool)> stages = [];

    /// <param name="depths">Convolutions of each of the five blocks.</param>
    public CifarVgg(IReadOnlyList<int> depths, int channels, int classes) : base(nameof(CifarVgg))
    {
        long inputs = channels;
        foreach (var (stage, depth) in depths.Index())
        {
            var layers = new List<Module<Tensor, Tensor>>();
            for (var i = 0; i < depth; i++)
            {
                layers.AddRange([Conv2d(inputs, Widths[stage], 3, 1, 1), BatchNorm2d(Widths[stage]), ReLU(inplace: true)]);
                inputs = Widths[stage];
            }

            stages.Add((
                Add($"block{stage}", new Steps(layers.SkipLast(1))),
                Add($"relu{stage}", ReLU(inplace: true)),
                stage < depths.Count - 1 ? Add($"pool{stage}", MaxPool2d(2, 2)) : null));
        }

        Complete("classifier", Linear(inputs, classes), FirstWeights.FanOutAndSmallLinear, poolPath: "pool4");
    }

    protected override Tensor Map(Tensor x)
    {
        var height = x.shape[2];
        foreach (var (stage, (block, relu, pool)) in stages.Index())
        {
            x = relu.call(block.call(x));
            x = pool is not null && (stage < 3 || height == 64) ? pool.call(x) : x;
        }

        return x;
    }
}
