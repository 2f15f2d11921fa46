using System.Buffers;
using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using KdNotebooks.Runtime;

namespace KdNotebooks.Parts;

/// <summary>A reader's own part under its name.</summary>
/// <param name="Name">What recipes and commands call it.</param>
/// <param name="Type">Its type.</param>
/// <param name="Instance">The one that was registered; null where only its type was.</param>
/// <param name="Code">The <see cref="CodeFingerprint"/>.</param>
public sealed record OwnPart(string Name, Type Type, object? Instance, string Code);

/// <summary>
/// The parts that readers have written (losses, aligners, models, ...), by interface and name, so that a recipe's JSON
/// and a command's line can name them. Thread safe; what is registered later under a name takes its place.
/// </summary>
public static partial class OwnParts
{
    private static readonly SearchValues<char> Reserved = SearchValues.Create(",=@\"\n\r\t");

    private static readonly ConcurrentDictionary<(Type Interface, string Name), OwnPart> Known = [];

    // What an instance (or a type whose options say all) was registered as, also after another took its name.
    private static readonly ConditionalWeakTable<object, string> NamesByPart = [];

    /// <summary>Registers an instance; its type too, where its options say all that it is.</summary>
    /// <typeparam name="T">The interface: <c>IFeatureLoss</c>.</typeparam>
    /// <returns>The part.</returns>
    /// <exception cref="KdException">The name is empty, or has signs that commands read otherwise.</exception>
    public static T Register<T>(string name, T part) where T : class
    {
        Register(typeof(T), name, part.GetType(), part);
        return part;
    }

    /// <summary>Registers a type, so that JSON with its options can be read before there is any instance.</summary>
    /// <exception cref="KdException">
    /// The name cannot be used, the type is no <typeparamref name="T"/>, or its options do not say all that it is.
    /// </exception>
    public static void Register<T>(string name, Type type) where T : class
    {
        if (!typeof(T).IsAssignableFrom(type) || !PartOptions.Rebuild(type))
        {
            throw new KdException(
                $"{type.Name}: registered as '{name}' it must be an {typeof(T).Name} whose public constructor takes "
                + "only data, each from a property of the same name; register an instance instead.");
        }

        Register(typeof(T), name, type, null);
    }

    /// <summary>The part of this name; of a type alone, with every option at its default.</summary>
    /// <returns>Null where there is none, or its options have no defaults.</returns>
    public static T? Find<T>(string name) where T : class => Entry(typeof(T), name) switch
    {
        null => null,
        { Instance: T part } => part,
        { Type: var type } => Default(type) as T,
    };

    /// <summary>Every name under which an interface has a part, in ordinal order.</summary>
    public static IReadOnlyList<string> Names<T>() where T : class =>
        [.. Known.Keys.Where(key => key.Interface == typeof(T)).Select(key => key.Name).Order(StringComparer.Ordinal)];

    internal static OwnPart? Entry(Type face, string name) => Known.GetValueOrDefault((face, name));

    /// <summary>Name and code of a part; one that nobody has registered is registered now.</summary>
    internal static (string Name, string Code) Note(Type face, object part)
    {
        object key = PartOptions.Rebuild(part.GetType()) ? part.GetType() : part;
        // In one step: a name that is registered meanwhile, on another thread, is the one that holds.
        lock (NamesByPart)
        {
            if (!NamesByPart.TryGetValue(key, out var name))
            {
                name = NameOf(face, part);
                Register(face, name, part.GetType(), part);
            }

            return (name, CodeFingerprint.Of(part));
        }
    }

    private static void Register(Type face, string name, Type type, object? instance)
    {
        if (string.IsNullOrWhiteSpace(name) || name.AsSpan().ContainsAny(Reserved))
        {
            throw new KdException(
                $"A part's name is '{name}'; expected some text without ',', '=', '@', quotes and line breaks, which "
                + "commands read otherwise.");
        }

        var code = instance is null ? CodeFingerprint.OfType(type) : CodeFingerprint.Of(instance);
        lock (NamesByPart)
        {
            Known[(face, name)] = new OwnPart(name, type, instance, code);
            NamesByPart.AddOrUpdate(instance is not null && !PartOptions.Rebuild(type) ? instance : type, name);
        }
    }

    // A name that says options ("mine T=4") is an instance's: what is known by its type is called after it.
    private static string NameOf(Type face, object part) => part is IOwnPart own ? own.Name
        : !PartOptions.Rebuild(part.GetType()) && face.GetProperty("Name")?.GetValue(part) is string name ? name
        : Kebab(part.GetType());

    private static string Kebab(Type type) =>
        Humps().Replace(type.Name.Split('`')[0].Split('@')[0], "-").ToLowerInvariant();

    private static object? Default(Type type)
    {
        var constructor = type.GetConstructors().MinBy(one => one.GetParameters().Length)!;
        return constructor.GetParameters().All(parameter => parameter.IsOptional)
            ? constructor.Invoke(
                BindingFlags.OptionalParamBinding, null,
                [.. constructor.GetParameters().Select(_ => Type.Missing)], null)
            : null;
    }

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])")]
    private static partial Regex Humps();
}
