namespace KdNotebooks.Interactive.Charts;

/// <summary>
/// The styles of one notebook's methods, the same in each of its figures: methods take the palette's colors in the
/// order in which they are first drawn. What is named "none" or "baseline" is gray.
/// </summary>
public sealed class MethodStyles
{
    // Okabe and Ito 2008, "Color Universal Design": told apart with any kind of color vision. Its yellow is left out,
    // since a yellow line cannot be seen on white.
    private static readonly string[] Colors =
        ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];

    private static readonly string[] Symbols = ["circle", "square", "diamond", "triangle-up", "cross", "star"];
    private static readonly string[] Dashes = ["solid", "dash", "dot", "dashdot"];
    private static readonly MethodStyle Baseline = new("#6B6B6B", "circle-open", "dash");
    private static readonly HashSet<string> BaselineNames = ["none", "baseline", "no distillation"];

    private readonly Dictionary<string, MethodStyle> given = [];
    private readonly Lock gate = new();

    /// <summary>The style of a method; may be asked from several threads.</summary>
    public MethodStyle Of(string method)
    {
        if (BaselineNames.Contains(method))
        {
            return Baseline;
        }

        lock (gate)
        {
            if (!given.TryGetValue(method, out var style))
            {
                var (turn, place) = Math.DivRem(given.Count, Colors.Length);
                style = new(Colors[place], Symbols[(place + turn) % Symbols.Length], Dashes[turn % Dashes.Length]);
                given[method] = style;
            }

            return style;
        }
    }
}
