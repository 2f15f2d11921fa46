using System.Globalization;
using System.Text.RegularExpressions;
using KdNotebooks.Experiments;

namespace KdNotebooks.Interactive.Magics.Commands;

/// <summary>"resnet-8", "resnet-8x16": an untrained model; else the name or the file of a trained one.</summary>
internal static partial class ModelWord
{
    private const int DefaultWidth = 8;

    public static object Read(MagicArguments arguments, MagicOption option, string word)
    {
        if (Resnet().Match(word) is { Success: true } match)
        {
            var width = match.Groups["width"] is { Success: true } given ? Number(given.Value) : DefaultWidth;
            return new ResNetSpec(Number(match.Groups["depth"].Value), width);
        }

        return arguments.Checked(option, () => TrainedModel.Load(word));
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^resnet-(?<depth>\d{1,4})(x(?<width>\d{1,4}))?$")]
    private static partial Regex Resnet();
}
