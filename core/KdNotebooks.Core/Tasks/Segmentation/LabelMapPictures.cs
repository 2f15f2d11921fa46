using System.Globalization;
using KdNotebooks.Data;

namespace KdNotebooks.Tasks.Segmentation;

/// <summary>The label map that a network predicts for an image.</summary>
/// <param name="Labels">[H, W], the class of each pixel.</param>
/// <param name="MeanIou">
/// Against the true label map, in percent, over the classes that are in either; NaN where every pixel is ignored.
/// </param>
public sealed record LabelMapPrediction(byte[] Labels, double MeanIou) : IPrediction;

/// <summary>Label maps over their images, with a legend.</summary>
internal sealed class LabelMapPictures(LabelTable table) : IPictures
{
    private const int PatchSide = 14;

    public string Note => "Below each map its mean IoU on this image alone, over the classes that are in the map or in the "
        + "truth; the score of a run is over all images together.";

    // A label map is as large as its image: three are a look, all of Cityscapes' a gigabyte.
    public int? Usual => 3;

    public GridImage Image(Sample sample) => new LabelOverlay(table, sample).Image;

    public Shown Truth(Sample sample) => Map(sample, LabelMap.Of(sample).Labels, "");

    public Shown Guess(Sample sample, IPrediction prediction)
    {
        var (labels, iou) = (LabelMapPrediction)prediction;
        return Map(sample, labels, double.IsFinite(iou)
            ? $"mIoU {iou.ToString("F2", CultureInfo.InvariantCulture)} %"
            : "no pixel is counted");
    }

    public IReadOnlyList<LegendEntry> Legend(IEnumerable<(Sample Sample, IReadOnlyList<IPrediction> Guesses)> shown) =>
        [.. Appearing(shown.SelectMany(one => one.Guesses.Select(guess => ((LabelMapPrediction)guess).Labels)
                .Prepend(LabelMap.Of(one.Sample).Labels)))
            .Select(label => new LegendEntry(LabelOverlay.Patch(table, label, PatchSide), Name(label)))];

    private Shown Map(Sample sample, byte[] labels, string below) => new(
        new LabelOverlay(table, sample).Of(labels), string.Join(", ", Appearing([labels]).Select(Name)), below);

    private static IEnumerable<byte> Appearing(IEnumerable<byte[]> maps) =>
        maps.SelectMany(map => map.Distinct()).Distinct().Order();

    private string Name(byte label) => label < table.Classes.Count ? table.Classes[label].Name : "ignored";
}
