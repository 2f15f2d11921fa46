using System.Runtime.CompilerServices;
using KdNotebooks.Runtime;

namespace KdNotebooks.Parts;

/// <summary>
/// What a reader's own part does, as 16 hex digits: the first of SHA-256 over its instructions, those of every function
/// of the reader's that it calls, and the values that they read.
/// </summary>
/// <remarks>
/// <para>
/// The same text evaluated again, in a later cell or another process, gives the same; another helper, literal or
/// captured value gives another. Code of libraries (.NET, F#, TorchSharp, ours) counts by name only, as it does for the
/// catalogue's parts. Another compiler or debug setting may compile the same text otherwise.
/// </para>
/// <para>
/// Values are read when an instance is first asked for, and are not read again: a part that looks at what changes
/// while it is used (a mutable variable) has no fingerprint that could say so.
/// </para>
/// </remarks>
public static class CodeFingerprint
{
    private const int Digits = 16;

    private static readonly ConditionalWeakTable<object, string> Known = [];

    /// <summary>
    /// Of a part: of its type where its options say all that an instance is (<see cref="PartOptions"/>), else of the
    /// instance with what it holds. It never fails.
    /// </summary>
    public static string Of(object part) => PartOptions.Rebuild(part.GetType())
        ? OfType(part.GetType())
        : Known.GetValue(part, value => Of(() => CodeText.OfValue(value), value.GetType()));

    /// <summary>Of every method of a type, whatever its instances hold.</summary>
    public static string OfType(Type type) => Known.GetValue(type, _ => Of(() => CodeText.OfType(type), type));

    // What cannot be read at all is known by its name and its build.
    private static string Of(Func<string> code, Type type)
    {
        string text;
        try
        {
            text = code();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            text = $"{type.FullName} {type.Module.ModuleVersionId}";
        }

        return Sha256.OfText(text)[..Digits];
    }
}
