namespace KdNotebooks.Interactive;

/// <summary>Turns a value into what a host shows.</summary>
public static class Formatters
{
    public static MimeBundle Format(object? value) => MimeBundle.OfText(value?.ToString() ?? "null");
}
