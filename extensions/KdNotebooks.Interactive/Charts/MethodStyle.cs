using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Charts;

/// <summary>How one method is drawn: never by color alone.</summary>
/// <param name="Color">"#0072B2".</param>
/// <param name="Symbol">Plotly's marker symbol.</param>
/// <param name="Dash">Plotly's line dash.</param>
public sealed record MethodStyle(string Color, string Symbol, string Dash)
{
    // A program that draws without a host is its own notebook.
    private static readonly MethodStyles WithoutHost = new();

    /// <summary>
    /// The style of a method in the notebook of the current <see cref="HostContext"/>; see <see cref="MethodStyles"/>.
    /// </summary>
    public static MethodStyle Of(string method) =>
        ((RunContext.Current as HostContext)?.Styles ?? WithoutHost).Of(method);

    /// <summary>The color as "rgba(r,g,b,opacity)".</summary>
    public string Faded(double opacity) =>
        $"rgba({Part(1)},{Part(3)},{Part(5)},{opacity})";

    private int Part(int at) => Convert.ToInt32(Color.Substring(at, 2), 16);
}
