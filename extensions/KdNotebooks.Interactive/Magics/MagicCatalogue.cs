using KdNotebooks.Interactive.Magics.Commands;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Magics;

/// <summary>Every magic command. Whoever adds one adds its line here.</summary>
public static class MagicCatalogue
{
    /// <summary>What every magic command begins with.</summary>
    public const string Sign = "#!";

    /// <summary>In the order in which help lists them.</summary>
    public static IReadOnlyList<MagicCommand> All { get; } =
    [
        new InfoMagic(),
        new DataMagic(),
        new TapsMagic(),
        new DistillMagic(),
        new AblateMagic(),
        new CompareMagic(),
        new AlphaMagic(),
        new CheckMagic(),
        new PlotMagic(),
        new ExportMagic(),
        new HelpMagic(),
        new ListMagic(),
        new TimeMagic(),
    ];

    /// <param name="name">With or without the sign and the "kd-".</param>
    /// <exception cref="KdException">There is none; the nearest is named.</exception>
    public static MagicCommand Find(string name)
    {
        var bare = name.StartsWith(Sign, StringComparison.Ordinal) ? name[Sign.Length..] : name;
        return All.FirstOrDefault(command => command.Name == bare || command.Name == $"kd-{bare}")
            ?? throw new KdException(
                $"There is no magic command {Sign}{bare}; the nearest is "
                + $"{Sign}{Nearest.Of(bare, All.Select(command => command.Name))}. {Sign}lsmagic lists them all.");
    }
}
