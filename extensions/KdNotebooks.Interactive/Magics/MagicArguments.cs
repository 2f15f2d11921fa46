using System.Globalization;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Magics;

/// <summary>What one line said, by option, still as text; reading it says what is wrong with it.</summary>
/// <param name="command">"kd-ablate", for messages.</param>
/// <param name="texts">By the option's name; a flag that was given has an empty text.</param>
/// <param name="values">Where <c>@name</c> is looked up.</param>
public sealed class MagicArguments(
    string command, IReadOnlyDictionary<string, string> texts, IMagicValues values)
{
    /// <summary>"@recipe" is the value that a cell named so.</summary>
    public const char ValueSign = '@';

    public bool Has(MagicOption option) => texts.ContainsKey(option.Name);

    /// <summary>
    /// Null where it was left out. A number, a text or a list of them can be a cell's: <c>--seeds @seedCount</c>.
    /// </summary>
    public string? Text(MagicOption option) => texts.GetValueOrDefault(option.Name) is not { } text ? null
        : option.Takes is null && text.StartsWith(ValueSign) ? Written(option, text[1..])
        : text;

    /// <exception cref="KdException">It was left out.</exception>
    public string Required(MagicOption option) =>
        Text(option) ?? throw Wrong(option, $"is missing; expected {option.ValueName}. {option.Help}");

    /// <summary>"none,linear,mlp1": its parts without the space around them.</summary>
    public IReadOnlyList<string> List(MagicOption option, string fallback = "")
    {
        var text = Text(option) ?? fallback;
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        return text.Length == 0 ? []
            : !parts.Contains("") ? parts
            : throw Wrong(option, $"is '{text}', in which a name is empty; expected names with commas between them.");
    }

    public int? Whole(MagicOption option, int least) =>
        Text(option) is { } text ? Whole(option, text, least) : null;

    public double? Number(MagicOption option, double least = double.NegativeInfinity) =>
        Text(option) is { } text ? Number(option, text, least) : null;

    public double Number(MagicOption option, string text, double least = double.NegativeInfinity) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number) && number >= least
                ? number
                : throw Wrong(option, $"is '{text}'; expected a number"
                    + $"{(double.IsFinite(least) ? FormattableString.Invariant($" of at least {least}") : "")}.");

    public int Whole(MagicOption option, string text, int least) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= least
                ? number
                : throw Wrong(option, $"is '{text}'; expected a whole number of at least {least}.");

    /// <summary>The value that is named by <c>@name</c>, or what <paramref name="read"/> makes of the text.</summary>
    /// <param name="fallback">The text that counts where the option was left out: "@recipe".</param>
    /// <exception cref="KdException">There is no such value, or it is of another type.</exception>
    public T Value<T>(MagicOption option, Func<string, T> read, string? fallback = null) where T : notnull
    {
        var text = texts.GetValueOrDefault(option.Name) ?? fallback ?? Required(option);
        return text.StartsWith(ValueSign) ? Cast<T>(option, text[1..], Named(option, text[1..])) : read(text);
    }

    /// <summary>What a cell named so.</summary>
    /// <exception cref="KdException">Nothing is called so; the nearest name is named.</exception>
    public object Named(MagicOption option, string name)
    {
        if (values.TryGet(name, out var value))
        {
            return value ?? throw Wrong(option, $"names {ValueSign}{name}, which is null.");
        }

        var near = Nearest.Of(name, values.Names);
        throw Wrong(option, near is null
            ? $"names {ValueSign}{name}, but no cell has named a value yet; bind it first: let {name} = ..."
            : $"names {ValueSign}{name}, but no cell has bound that name; the nearest is {ValueSign}{near}.");
    }

    /// <summary>What <paramref name="find"/> finds; where it fails, the message says for which option.</summary>
    public T Checked<T>(MagicOption option, Func<T> find)
    {
        try
        {
            return find();
        }
        catch (KdException error)
        {
            throw new KdException($"{command}: {option.Name}: {error.Message}", error);
        }
    }

    public KdException Wrong(MagicOption option, string what) => new($"{command}: {option.Name} {what}");

    private string Written(MagicOption option, string name) => Named(option, name) switch
    {
        string text => text,
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        System.Collections.IEnumerable list => string.Join(
            ',', list.Cast<object>().Select(item => Convert.ToString(item, CultureInfo.InvariantCulture))),
        var other => throw Wrong(option, $"names {ValueSign}{name}, which is a {TypeName(other.GetType())}; expected "
            + "a number, a text or a list of them."),
    };

    private T Cast<T>(MagicOption option, string name, object value) => value is T wanted
        ? wanted
        : throw Wrong(option, $"names {ValueSign}{name}, which is a {TypeName(value.GetType())}; "
            + $"expected a {TypeName(typeof(T))}.");

    private static string TypeName(Type type) => type.IsGenericType
        ? $"{type.Name[..type.Name.IndexOf('`')]}<{string.Join(", ", type.GetGenericArguments().Select(TypeName))}>"
        : type.Name;
}
