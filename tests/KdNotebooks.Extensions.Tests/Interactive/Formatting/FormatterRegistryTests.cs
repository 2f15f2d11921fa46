using KdNotebooks.Interactive;
using KdNotebooks.Interactive.Formatting;

namespace KdNotebooks.Extensions.Tests.Interactive.Formatting;

public sealed class FormatterRegistryTests
{
    private readonly FormatterRegistry registry = new();

    [Fact]
    public void The_most_derived_type_wins_whatever_the_order()
    {
        Add<ArgumentException>("argument");
        Add<Exception>("exception");

        Assert.Equal("argument", Show(new ArgumentNullException()));
        Assert.Equal("exception", Show(new InvalidOperationException()));
    }

    [Fact]
    public void An_interface_serves_where_no_class_does()
    {
        Add<IDisposable>("disposable");
        Assert.Equal("disposable", Show(new MemoryStream()));

        Add<Stream>("stream");
        Assert.Equal("stream", Show(new MemoryStream()));
    }

    [Fact]
    public void A_later_registration_replaces_an_earlier_one()
    {
        Add<Version>("first");
        _ = Show(new Version(1, 0));
        Add<Version>("second");

        Assert.Equal("second", Show(new Version(1, 0)));
    }

    [Fact]
    public void A_type_can_be_named_without_being_loaded()
    {
        registry.AddNamed(typeof(Stream).FullName!, _ => MimeBundle.OfText("stream"));

        Assert.Equal("stream", Show(new MemoryStream()));
    }

    [Fact]
    public void An_unknown_type_has_none() => Assert.Null(registry.Find(typeof(Guid)));

    private void Add<T>(string text) where T : notnull => registry.Add<T>(_ => MimeBundle.OfText(text));

    private string Show(object value) => registry.Find(value.GetType())!(value).Data[MimeBundle.Text];
}
