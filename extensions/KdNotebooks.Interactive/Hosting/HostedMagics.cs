using System.Runtime.CompilerServices;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Interactive.Formatting;
using KdNotebooks.Interactive.Magics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Hosting;

/// <summary>
/// What a notebook host that is not ours is given: its glue (extension.dib for .NET Interactive) registers these commands
/// and formatters, and hands over a way to show a display and to find a value.
/// </summary>
public static class HostedMagics
{
    private static readonly ConditionalWeakTable<object, Dictionary<string, int>> Taken = [];

    /// <summary>Those that a host does not have itself.</summary>
    public static IReadOnlyList<MagicCommand> Commands { get; } =
        [.. MagicCatalogue.All.Where(command => command.Name.StartsWith("kd-", StringComparison.Ordinal))];

    /// <summary>What <see cref="Formatters"/> shows well, for hosts that want formatters by type.</summary>
    public static IReadOnlyList<Type> FormattedTypes => Formatters.Types;

    /// <summary>The forms that <see cref="Format"/> gives of every value.</summary>
    public static IReadOnlyList<string> Forms { get; } = [MimeBundle.Html, MimeBundle.Text];

    /// <summary>The value in all <see cref="Forms"/>: what has no HTML is shown as its text.</summary>
    public static MimeBundle Format(object value)
    {
        var bundle = Formatters.Format(value);
        return bundle.Data.ContainsKey(MimeBundle.Html)
            ? bundle
            : bundle.With(MimeBundle.Html, HtmlText.Of($"<pre>{bundle.Data[MimeBundle.Text]}</pre>"));
    }

    /// <summary>
    /// Displayed once, before the first figure: what draws them. Empty in text, so that it is seen by browsers only.
    /// </summary>
    public static MimeBundle Library => PlotlyLibrary.AsBundle();

    /// <summary>
    /// A cell begins: what it shows and reports is the host's, and it stops when the host says so, until what is
    /// returned is disposed. It holds for the flow that calls this, and for what that starts; for no other cell.
    /// </summary>
    /// <param name="styles">The notebook's; the default value null means new ones.</param>
    public static IDisposable Enter(
        IDisplayHost display, CancellationToken cancellation, MethodStyles? styles = null) =>
        new HostScope(display, new LiveProgress(display.Show), cancellation, styles);

    /// <summary>Runs the line of one command, as part of the cell that <see cref="Enter"/> began.</summary>
    /// <param name="command">"#!kd-ablate".</param>
    /// <param name="cell">The whole cell, in which the command's line stands.</param>
    /// <param name="submission">
    /// The cell's own object: of several lines with one command in it, each is run once, in their order.
    /// </param>
    /// <exception cref="KdException">The line cannot be read, or the work fails.</exception>
    public static void Run(string command, string cell, object submission, IMagicValues values)
    {
        var magic = MagicCatalogue.Find(command);
        MagicLine.Run(magic, HostedLine.Read(magic, Line(magic, cell, submission)), values);
    }

    private static string Line(MagicCommand magic, string cell, object submission)
    {
        var name = MagicCatalogue.Sign + magic.Name;
        var lines = cell.Split('\n').Select(line => line.Trim())
            .Where(line => line == name || line.StartsWith(name + " ", StringComparison.Ordinal)).ToList();
        var counts = Taken.GetOrCreateValue(submission);
        var at = counts[name] = counts.GetValueOrDefault(name) + 1;
        return at <= lines.Count ? lines[at - 1] : throw new KdException(
            $"{name}: its line was not found in the cell; write it as a line of its own.");
    }
}
