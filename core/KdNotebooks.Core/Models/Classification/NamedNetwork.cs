using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Classification;

/// <summary>Where a network's features are taken: what papers and code bases call a layer, as a module path.</summary>
/// <param name="Feature">"feat2": RepDistiller's and mdistiller's number; "stage3"; "pooled".</param>
/// <param name="Path">Of the module that gives it, [C, H, W] an image, or [C] where it is pooled.</param>
/// <param name="BeforeReLU">
/// Of the module that gives the same before its ReLU, where those code bases take it; null where there is none.
/// </param>
public sealed record FeaturePlace(string Feature, string Path, string? BeforeReLU = null);

/// <summary>A network under the name that its code base gives it.</summary>
/// <param name="Name">"resnet8x4", "mobilenet_v1".</param>
/// <param name="CodeBase">Whose parameter names it has: "RepDistiller", "torchvision", "OpenMMLab".</param>
/// <param name="About">What it is, in a few words.</param>
/// <param name="Places">Shallow to deep, the pooled features last.</param>
public sealed record NamedNetwork(string Name, string CodeBase, string About, IReadOnlyList<FeaturePlace> Places)
{
    /// <summary>Whether its channels can be multiplied.</summary>
    public bool TakesWidth { get; init; }

    /// <summary>Whether its stem can do without a stride.</summary>
    public bool TakesStemStride { get; init; }

    internal Func<NetworkBuild, Module> Make { get; init; } = null!;

    /// <summary>Paths of the maps that are compared stage by stage: all places but the stem's and the pooled.</summary>
    internal IReadOnlyList<string> Stages =>
        [.. Places.Where(place => place.Feature is not (NamedNetworks.Stem or NamedNetworks.Pooled)).Select(place => place.Path)];

    /// <summary>A few lines for a terminal: what it is, and where its features are.</summary>
    public string Text => $"{Name,-20}{CodeBase}. {About}\n"
        + $"{"  options",-20}{Options}\n"
        + string.Join('\n', TextColumns.Align(
            [
                ["  feature", "path", "before its ReLU"],
                .. Places.Select(place => (IReadOnlyList<string>)[$"  {place.Feature}", place.Path, place.BeforeReLU ?? ""]),
            ], _ => false)) + "\n";

    private string Options => (TakesWidth, TakesStemStride) switch
    {
        (true, true) => "width (times all channels), stemStride (2, or 1 for small images)",
        (true, false) => "width (times all channels)",
        _ => "none",
    };
}

/// <summary>What a network is built for.</summary>
internal sealed record NetworkBuild(NamedNetwork Named, int Channels, int Classes, double Width, int StemStride);
