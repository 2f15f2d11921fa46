using System.Text;
using KdNotebooks.Interactive.Formatting;

namespace KdNotebooks.Interactive.Magics;

/// <summary>What <c>-h</c> shows of one command.</summary>
public sealed record MagicHelp(MagicCommand Command)
{
    /// <summary>"#!kd-ablate [--recipe @RECIPE] ..."</summary>
    public static string Synopsis(MagicCommand command) => string.Join(
        ' ', command.AllOptions.Select(option => option.Synopsis).Prepend(MagicCatalogue.Sign + command.Name));

    public override string ToString()
    {
        var text = new StringBuilder().AppendLine(Command.Summary).AppendLine();
        text.AppendLine($"  {Synopsis(Command)}");
        var width = Command.AllOptions.Select(option => Named(option).Length).DefaultIfEmpty(0).Max();
        foreach (var option in Command.AllOptions)
        {
            text.AppendLine($"  {Named(option).PadRight(width)}  {About(option)}");
        }

        return text.Append($"\n  {MagicCatalogue.Sign}{Command.Example}").ToString();
    }

    internal static MimeBundle Format(MagicHelp help)
    {
        var html = new StringBuilder(HtmlStyle.Element);
        html.Append(HtmlText.Of($"<p>{help.Command.Summary}</p><p><code>{Synopsis(help.Command)}</code></p>"));
        if (help.Command.AllOptions.Count > 0)
        {
            html.Append(HtmlStyle.TableStart + "<tbody>");
            foreach (var option in help.Command.AllOptions)
            {
                html.Append(HtmlText.Of($"<tr><th scope=\"row\" class=\"kd-verdict\"><code>{Named(option)}</code></th>")
                    + HtmlText.Of($"<td class=\"kd-name\">{About(option)}</td></tr>"));
            }

            html.Append("</tbody></table></div>");
        }

        html.Append(HtmlText.Of($"<p>Example: <code>{MagicCatalogue.Sign}{help.Command.Example}</code></p>"));
        return MimeBundle.OfHtml(html.ToString(), help.ToString());
    }

    private static string Named(MagicOption option) =>
        option.IsFlag ? option.Name : $"{option.Name} {option.ValueName}";

    private static string About(MagicOption option)
    {
        var known = option.Known.Count > 0 ? $" One of: {string.Join(", ", option.Known)}." : "";
        var fallback = option.Default.Length > 0 ? $" [default: {option.Default}]" : "";
        return option.Help + known + fallback;
    }
}

/// <summary>What <c>#!lsmagic</c> and <c>#!kd-help</c> show: every command in a line.</summary>
public sealed record MagicList(IReadOnlyList<MagicCommand> Commands)
{
    public override string ToString()
    {
        var width = Commands.Max(command => command.Name.Length) + MagicCatalogue.Sign.Length;
        return string.Join('\n', Commands.Select(command =>
            $"{(MagicCatalogue.Sign + command.Name).PadRight(width)}  {command.Summary}"));
    }

    internal static MimeBundle Format(MagicList list)
    {
        var html = new StringBuilder(HtmlStyle.Element).Append(HtmlStyle.TableStart).Append("<tbody>");
        foreach (var command in list.Commands)
        {
            html.Append(HtmlText.Of($"<tr><th scope=\"row\" class=\"kd-verdict\">")
                + HtmlText.Of($"<code>{MagicCatalogue.Sign}{command.Name}</code></th>")
                + HtmlText.Of($"<td class=\"kd-name\">{command.Summary}<br>")
                + HtmlText.Of($"<code>{MagicCatalogue.Sign}{command.Example}</code></td></tr>"));
        }

        return MimeBundle.OfHtml(html.Append("</tbody></table></div>").ToString(), list.ToString());
    }
}
