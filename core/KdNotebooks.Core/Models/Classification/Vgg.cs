using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Classification;

/// <summary>
/// torchvision's VGG networks with batch normalization (<c>vgg11_bn</c>, <c>vgg13_bn</c>, <c>vgg16_bn</c>), with its names.
/// Simonyan and Zisserman 2014 (arXiv:1409.1556).
/// </summary>
internal sealed class Vgg : ImageNetwork
{
    private const long Cells = 7, Hidden = 4096;
    private const int Smallest = 32; // five halvings

    private static readonly long[] Widths = [64, 128, 256, 512, 512];

    private readonly Steps features;

    /// <param name="depths">Convolutions of each of the five stages; each ends in a halving.</param>
    public Vgg(IReadOnlyList<int> depths, int channels, int classes) : base(nameof(Vgg))
    {
        var layers = new List<Module<Tensor, Tensor>>();
        long inputs = channels;
        foreach (var (depth, width) in depths.Zip(Widths))
        {
            for (var i = 0; i < depth; i++)
            {
                layers.AddRange([Conv2d(inputs, width, 3, 1, 1), BatchNorm2d(width), ReLU(inplace: true)]);
                inputs = width;
            }

            layers.Add(MaxPool2d(2, 2));
        }

        features = Add("features", new Steps(layers));
        var classifier = new Steps(
            Linear(inputs * Cells * Cells, Hidden), ReLU(inplace: true), new DrawnDropout(0.5),
            Linear(Hidden, Hidden), ReLU(inplace: true), new DrawnDropout(0.5), Linear(Hidden, classes));
        Complete("classifier", classifier, FirstWeights.FanOutAndSmallLinear, Cells);
    }

    protected override Tensor Map(Tensor x) => x.shape[2] >= Smallest && x.shape[3] >= Smallest
        ? features.call(x)
        : throw new KdException(
            $"VGG: an image is {x.shape[2]}x{x.shape[3]} pixels; expected at least {Smallest}x{Smallest}, for five halvings.");
}
