using System.Globalization;
using System.Text.Json.Serialization;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Classification;

/// <summary>A network of the <see cref="NamedNetworks"/>, under its code base's name.</summary>
/// <param name="Network">"resnet8x4", "wrn_40_2", "ShuffleV1", "mobilenet_v1", "resnet34".</param>
public sealed record NetworkSpec(string Network) : IModelSpec
{
    private const double Narrowest = 0.01, Widest = 10;
    private const int Most = 100_000;

    /// <summary>
    /// Times all channels, rounded to multiples of 8 and to at least 8; for MobileNets. Null (the default) is 1.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Width { get; init; }

    /// <summary>
    /// Of the first convolution: 2, or 1 for small images; for mobilenet_v1. Null (the default) is 2.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? StemStride { get; init; }

    /// <summary>"resnet8x4", "mobilenet_v1 (width 0.25, stem stride 1)".</summary>
    public string Name
    {
        get
        {
            var parts = new[]
            {
                Width is { } width ? $"width {width.ToString(CultureInfo.InvariantCulture)}" : "",
                StemStride is { } stride ? $"stem stride {stride}" : "",
            }.Where(part => part.Length > 0).ToList();
            return Network + (parts.Count > 0 ? $" ({string.Join(", ", parts)})" : "");
        }
    }

    /// <summary>Built with the first weights that its code base draws.</summary>
    /// <param name="channels">Of the image; 3 where checkpoints are to fit.</param>
    /// <param name="classes">At least 2.</param>
    /// <exception cref="KdException">
    /// There is no such network, it has no such option, or a number is out of its range.
    /// </exception>
    public Module<Tensor, Tensor> Build(int channels, int classes)
    {
        var network = NamedNetworks.Find(Network);
        if (channels is < 1 or > Most || classes is < 2 or > Most)
        {
            throw new KdException(
                $"{Network}: channels {channels}, classes {classes}; expected 1 to {Most} and 2 to {Most}.");
        }

        Allow(network.TakesWidth, "width", Width, NamedNetworks.All.Where(one => one.TakesWidth));
        Allow(network.TakesStemStride, "stemStride", StemStride, NamedNetworks.All.Where(one => one.TakesStemStride));
        if (Width is not (null or (>= Narrowest and <= Widest)))
        {
            throw new KdException(string.Create(
                CultureInfo.InvariantCulture, $"{Network}: width is {Width}; expected {Narrowest} to {Widest}, times all channels."));
        }

        if (StemStride is not (null or 1 or 2))
        {
            throw new KdException($"{Network}: stemStride is {StemStride}; expected 2, or 1 for small images.");
        }

        return (Module<Tensor, Tensor>)network.Make(new(network, channels, classes, Width ?? 1, StemStride ?? 2));
    }

    Module IModelSpec.Build(int channels, int classes) => Build(channels, classes);

    private void Allow<T>(bool has, string option, T? value, IEnumerable<NamedNetwork> having)
        where T : struct
    {
        if (!has && value is not null)
        {
            throw new KdException(
                $"{Network}: {option} is {Convert.ToString(value, CultureInfo.InvariantCulture)}, which it has no use for; leave "
                + $"it out, or choose one that has: {string.Join(", ", having.Select(one => one.Name))}.");
        }
    }
}
