using KdNotebooks.Interactive.Formatting;

namespace KdNotebooks.Interactive;

/// <summary>Turns a value into what a host shows.</summary>
public static class Formatters
{
    private static readonly FormatterRegistry Registry = StandardFormatters.Create();

    /// <summary>
    /// Sets how values of a type, and of types derived from it, are shown. The most derived registered type wins;
    /// a later registration for the same type replaces the earlier one.
    /// </summary>
    public static void Register<T>(Func<T, MimeBundle> format) where T : notnull => Registry.Add(format);

    /// <summary>The types that have a formatter of their own and can be named without loading more.</summary>
    public static IReadOnlyList<Type> Types => Registry.Types;

    /// <summary>
    /// Whether values of the type are shown by a formatter of their own; a host prints the others in its language's way.
    /// </summary>
    public static bool Knows(Type type) => type == typeof(MimeBundle) || Registry.Find(type) is not null;

    /// <summary>
    /// The value in every form known for its type; never throws, and text/plain is always there.
    /// Text that came from data is escaped in the HTML form.
    /// </summary>
    public static MimeBundle Format(object? value) => value switch
    {
        null => MimeBundle.OfText("null"),
        MimeBundle bundle => WithText(bundle),
        _ => WithText(Guarded(value)),
    };

    private static MimeBundle WithText(MimeBundle bundle)
    {
        var whole = bundle.Data.ContainsKey(MimeBundle.Text) ? bundle : bundle.With(MimeBundle.Text, "");
        return whole.Data.TryGetValue(MimeBundle.Html, out var html)
            ? whole.With(MimeBundle.Html, HtmlStyle.Once(html))
            : whole;
    }

    // A value that cannot be shown (a disposed tensor, a sequence that throws) must not fail a cell that succeeded.
    private static MimeBundle Guarded(object value)
    {
        try
        {
            return Registry.Find(value.GetType())?.Invoke(value) ?? TextFormatter.Format(value);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return MimeBundle.OfText($"{value.GetType().Name} (it could not be shown: {error.Message})");
        }
    }
}
