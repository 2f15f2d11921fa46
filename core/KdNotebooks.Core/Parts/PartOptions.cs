using System.Collections.Concurrent;
using System.Reflection;

namespace KdNotebooks.Parts;

/// <summary>
/// Whether a part of a reader's own type is given by its type and options, as the catalogue's are: then JSON holds the
/// options and makes an equal one of them.
/// </summary>
/// <remarks>
/// It is where a public constructor takes nothing but data, each from a public property of the same name: an F# record,
/// <c>type Smooth(beta: float) = member _.Beta = beta</c>, a C# record. Closures, object expressions, and types that
/// take functions or tensors are known by the instance that was registered.
/// </remarks>
public static class PartOptions
{
    private const int Deepest = 5;

    // Parts that a part may hold: a warm-up its schedule.
    private static readonly string[] Parts =
    [
        "IAligner", "IAugmentation", "IFeatureLoss", "ILogitLoss", "IModelSpec", "IOptimizer", "ISchedule", "ITaskSpec",
    ];

    private static readonly string[] Lists = ["IReadOnlyList`1", "IEnumerable`1", "List`1", "FSharpList`1"];

    private static readonly ConcurrentDictionary<Type, bool> Known = [];

    /// <summary>Whether options and type make an equal instance.</summary>
    public static bool Rebuild(Type type) => Known.GetOrAdd(type, found => IsRecord(found, 0));

    private static bool IsRecord(Type type, int depth)
    {
        // What a compiler named is a closure or an object expression.
        if (type.IsAbstract || type.IsInterface || typeof(IOwnPart).IsAssignableFrom(type)
            || type.Name.AsSpan().IndexOfAny('@', '<') >= 0 || Constructor(type) is not { } constructor)
        {
            return false;
        }

        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0).ToList();
        return constructor.GetParameters().All(parameter => properties.Any(property =>
                string.Equals(property.Name, parameter.Name, StringComparison.OrdinalIgnoreCase)
                && property.PropertyType == parameter.ParameterType))
            && properties
                .Where(property => property.SetMethod is { IsPublic: true } || IsParameter(constructor, property))
                .All(property => IsData(property.PropertyType, depth + 1));
    }

    // The one without parameters, else the only one.
    private static ConstructorInfo? Constructor(Type type)
    {
        var all = type.GetConstructors();
        return all.FirstOrDefault(one => one.GetParameters().Length == 0) ?? (all is [var only] ? only : null);
    }

    private static bool IsParameter(ConstructorInfo constructor, PropertyInfo property) => constructor.GetParameters()
        .Any(parameter => string.Equals(parameter.Name, property.Name, StringComparison.OrdinalIgnoreCase));

    private static bool IsData(Type type, int depth) => depth <= Deepest && (type switch
    {
        { IsEnum: true } => true,
        { IsPrimitive: true } => type != typeof(IntPtr) && type != typeof(UIntPtr),
        { IsArray: true } => IsData(type.GetElementType()!, depth + 1),
        { IsGenericType: true, Name: "Nullable`1" or "FSharpOption`1" } =>
            IsData(type.GetGenericArguments()[0], depth + 1),
        { IsGenericType: true } when Lists.Contains(type.Name) => IsData(type.GetGenericArguments()[0], depth + 1),
        { IsInterface: true } => type.Assembly == typeof(PartOptions).Assembly && Parts.Contains(type.Name),
        _ => type == typeof(string) || type == typeof(decimal)
            || (type.Namespace is not ("System" or "TorchSharp") && IsRecord(type, depth)),
    });
}
