using System.Globalization;
using System.Text.RegularExpressions;
using KdNotebooks.Models;
using KdNotebooks.Models.Classification;
using KdNotebooks.Models.Detection;
using KdNotebooks.Teachers;

namespace KdNotebooks.Interactive.Magics.Commands;

/// <summary>
/// "resnet-8", "resnet-8x16", "psp-18x16", "deeplab-18", "fcn-50x64", "faster-50", "mask-18x16", "retina-18x16": an untrained
/// model by depth and width; "resnet8x4", "mobilenet_v1", "mobilenet_v1:0.25": one by its code base's name, of a width; else
/// the name or the file of a trained one.
/// </summary>
internal static partial class ModelWord
{
    private const int DefaultWidth = 8;

    // As in the paper.
    private const int PaperWidth = 64;

    public static object Read(MagicArguments arguments, MagicOption option, string word)
    {
        if (NamedNetworks.Names.Contains(word.Split(':')[0]))
        {
            return Named(arguments, option, word);
        }

        if (Untrained().Match(word) is not { Success: true } match)
        {
            return arguments.Checked(option, () => TrainedModel.Load(word));
        }

        var depth = Number(match.Groups["depth"].Value);
        var width = match.Groups["width"] is { Success: true } given ? Number(given.Value) : (int?)null;
        return match.Groups["kind"].Value switch
        {
            "resnet" => new ResNetSpec(depth, width ?? DefaultWidth),
            "psp" => Segmenter(SegmentationHead.Psp),
            "faster" => new FasterRcnnSpec(depth, width ?? PaperWidth),
            "mask" => new FasterRcnnSpec(depth, width ?? PaperWidth, Masks: true),
            "retina" => new RetinaNetSpec(depth, width ?? PaperWidth),
            "deeplab" => Segmenter(SegmentationHead.DeepLabV3),
            _ => Segmenter(SegmentationHead.Fcn),
        };

        SegmenterSpec Segmenter(SegmentationHead head) => new(head, depth, width ?? PaperWidth);
    }

    private static NetworkSpec Named(MagicArguments arguments, MagicOption option, string word) => word.Split(':') switch
    {
        [var name] => new NetworkSpec(name),
        [var name, var width] when double.TryParse(width, NumberStyles.Float, CultureInfo.InvariantCulture, out var times) =>
            new NetworkSpec(name) { Width = times },
        _ => throw arguments.Wrong(option, $"is '{word}'; expected a network's name, and its width behind a colon: mobilenet_v1:0.25."),
    };

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<kind>resnet|psp|deeplab|fcn|faster|mask|retina)-(?<depth>\d{1,4})(x(?<width>\d{1,4}))?$")]
    private static partial Regex Untrained();
}
