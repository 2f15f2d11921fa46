using System.Reflection;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>An error: its message where that was written for the user, otherwise its type and place too.</summary>
internal static class ExceptionFormatter
{
    public static MimeBundle Format(Exception error)
    {
        while (error is TargetInvocationException or AggregateException { InnerExceptions.Count: 1 }
            && error.InnerException is { } inner)
        {
            error = inner;
        }

        var text = error is KdException ? error.Message : error.ToString();
        return MimeBundle.OfHtml(HtmlStyle.Element + $"<pre class=\"kd-error\">{HtmlText.Escape(text)}</pre>", text);
    }
}
