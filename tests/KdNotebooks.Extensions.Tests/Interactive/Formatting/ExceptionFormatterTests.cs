using System.Reflection;
using KdNotebooks.Interactive;
using KdNotebooks.Runtime;

namespace KdNotebooks.Extensions.Tests.Interactive.Formatting;

public sealed class ExceptionFormatterTests
{
    [Fact]
    public void An_error_written_for_the_user_is_its_message_alone() =>
        Assert.Equal("no such run", Text(new KdException("no such run")));

    [Fact]
    public void Another_error_names_its_type() =>
        Assert.StartsWith("System.InvalidOperationException: broken", Text(new InvalidOperationException("broken")));

    [Fact]
    public void Wrappings_are_taken_off() =>
        Assert.Equal("inner", Text(new TargetInvocationException(new AggregateException(new KdException("inner")))));

    [Fact]
    public void Its_message_is_escaped() =>
        Assert.Contains("&lt;script&gt;", Formatters.Format(new KdException(Samples.Hostile)).Data[MimeBundle.Html]);

    private static string Text(Exception error) => Formatters.Format(error).Data[MimeBundle.Text];
}
