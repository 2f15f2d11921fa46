using KdNotebooks.Data;

namespace KdNotebooks.Guests.Parts;

/// <summary>Every other view mirrors the image, and what its target says of places with it.</summary>
/// <param name="Views">The default value is 2: as it is, and mirrored.</param>
/// <param name="Seed">The default value null means the run's seed.</param>
public sealed record Mirrored(int Views = 2, int? Seed = null) : IAugmentation
{
    private const ulong Tag = 0x4D_49_52_52;

    public bool IsNone => false;

    public Sample Apply(Sample sample, Draw draw)
    {
        var window = ImageWindow.Shifted(sample.Size, down: 0, right: 0, mirrored: draw.Random(Tag).NextBool());
        var pixels = draw.Pixels(sample.Pixels.Length);
        window.Image(sample.Pixels.Span, pixels.Span, new byte[sample.Channels]);
        return new Sample(
            sample.Name, sample.Channels, sample.Size, pixels,
            sample.Target.HasPlaces ? sample.Target.Through(window) : sample.Target);
    }
}
