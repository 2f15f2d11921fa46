namespace KdNotebooks.Interactive.Charts;

/// <summary>How one method is drawn: never by color alone.</summary>
/// <param name="Color">"#0072B2".</param>
/// <param name="Symbol">Plotly's marker symbol.</param>
/// <param name="Dash">Plotly's line dash.</param>
public sealed record MethodStyle(string Color, string Symbol, string Dash)
{
    // Okabe and Ito 2008, "Color Universal Design": told apart with any kind of color vision. Its yellow is left out,
    // since a yellow line cannot be seen on white.
    private static readonly string[] Colors =
        ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];

    private static readonly string[] Symbols = ["circle", "square", "diamond", "triangle-up", "cross", "star"];
    private static readonly string[] Dashes = ["solid", "dash", "dot", "dashdot"];
    private static readonly MethodStyle Baseline = new("#6B6B6B", "circle-open", "dash");
    private static readonly HashSet<string> BaselineNames = ["none", "baseline", "no distillation"];
    private static readonly Dictionary<string, MethodStyle> Given = [];
    private static readonly Lock Gate = new();

    /// <summary>
    /// The style of a method, the same in every figure of this process: methods take the palette's colors in the order
    /// in which they are first drawn. What is named "none" or "baseline" is gray.
    /// </summary>
    public static MethodStyle Of(string method)
    {
        if (BaselineNames.Contains(method))
        {
            return Baseline;
        }

        lock (Gate)
        {
            if (!Given.TryGetValue(method, out var style))
            {
                var (turn, place) = Math.DivRem(Given.Count, Colors.Length);
                style = new(Colors[place], Symbols[(place + turn) % Symbols.Length], Dashes[turn % Dashes.Length]);
                Given[method] = style;
            }

            return style;
        }
    }

    /// <summary>The color as "rgba(r,g,b,opacity)".</summary>
    public string Faded(double opacity) =>
        $"rgba({Part(1)},{Part(3)},{Part(5)},{opacity})";

    private int Part(int at) => Convert.ToInt32(Color.Substring(at, 2), 16);
}
