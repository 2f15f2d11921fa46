using System.Text.Json;

namespace KdNotebooks.Recipes;

/// <summary>
/// Where in a part an error is. A part is read by a serialiser of its own, whose places begin anew; what it says goes
/// along with the exception, and the whole text's reader puts it behind the place of the part.
/// </summary>
internal static class InnerPlace
{
    // Where the serialiser and the reader begin to say where.
    private static readonly string[] Ends = [" Path: ", " LineNumber: "];

    private static readonly object Key = typeof(InnerPlace).FullName!;

    /// <summary>
    /// Reads or writes a part; an error comes without a place, which the caller's serialiser then adds.
    /// </summary>
    /// <exception cref="JsonException">What it threw, as one of the part.</exception>
    public static T Within<T>(Func<T> action) => Below("", action);

    /// <summary>The same for what stands in a field of the part: ".options".</summary>
    public static T Below<T>(string field, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (JsonException error)
        {
            // Line and byte are counted within the part, and left out.
            var end = Ends.Select(word => error.Message.IndexOf(word, StringComparison.Ordinal))
                .Where(at => at >= 0).DefaultIfEmpty(error.Message.Length).Min();
            var part = new JsonException(error.Message[..end]);
            part.Data[Key] = field + Of(error);
            throw part;
        }
    }

    /// <summary>"$.schedule.then.gama": the serialiser's place with those within; null where it is not known.</summary>
    public static string? Whole(JsonException error) => error.Path is { } path ? path + error.Data[Key] : null;

    private static string Of(JsonException error) => error.Path?.TrimStart('$') + error.Data[Key];
}
