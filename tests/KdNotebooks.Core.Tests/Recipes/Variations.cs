using System.Reflection;
using KdNotebooks.Catalogue;
using KdNotebooks.Recipes;

namespace KdNotebooks.Tests.Recipes;

/// <summary>
/// Makes recipes by reflection, so that a new field and a new kind are tested without a line here:
/// <see cref="Full"/> has every field away from its default, <see cref="Of"/> changes one field at a time.
/// </summary>
internal static class Variations
{
    /// <summary>Every word of the catalogue, once: "cosine" is a loss and a schedule.</summary>
    public static TheoryData<string> Kinds { get; } =
        [.. PartKinds.All.Values.SelectMany(kinds => kinds).Select(kind => kind.Kind).Distinct()];

    /// <summary>A recipe with no field at its default and, wherever it can stand, the given kind.</summary>
    public static Recipe Full(string? kind = null) => (Recipe)Some(typeof(Recipe), kind);

    /// <summary>The value with one field changed, for every field at any depth, with the field's path.</summary>
    public static IEnumerable<(string Path, object? Value)> Of(object? value, Type type, string path = "")
    {
        if (value is null || Leaf(type))
        {
            yield return (path, value is null ? Some(type, null) : Other(value));
        }
        else if (value is System.Collections.IList list)
        {
            var item = type.GetGenericArguments()[0];
            yield return ($"{path}[]", List(item, [.. list.Cast<object>(), list[0]!]));
            foreach (var (at, changed) in Of(list[0], item, $"{path}[0]"))
            {
                yield return (at, List(item, [changed!, .. list.Cast<object>().Skip(1)]));
            }
        }
        else
        {
            foreach (var field in Fields(value.GetType()))
            {
                foreach (var (at, changed) in Of(field.GetValue(value), field.PropertyType, $"{path}.{field.Name}"))
                {
                    yield return (at, With(value, field, changed));
                }
            }

            if (PartKinds.All.TryGetValue(type, out var kinds))
            {
                foreach (var other in kinds.Where(kind => kind.Type != value.GetType()))
                {
                    yield return ($"{path} as {other.Kind}", Some(other.Type, null));
                }
            }
        }
    }

    public static IReadOnlyList<PropertyInfo> Fields(Type type) =>
        [.. type.GetProperties().Where(property => property.CanWrite)];

    private static object Some(Type type, string? kind)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return Some(inner, kind);
        }

        if (PartKinds.All.TryGetValue(type, out var kinds))
        {
            // One kind can hold another (a warm-up its schedule): the wanted one stands outside.
            var wanted = kinds.FirstOrDefault(entry => entry.Kind == kind);
            return Some(wanted.Type ?? kinds.First(entry => !Holds(entry.Type, type)).Type, null);
        }

        return type switch
        {
            _ when type == typeof(string) => "some – \"text\"\n",
            _ when type == typeof(int) => 7,
            _ when type == typeof(double) => 1e-8 + 0.1,
            _ when type == typeof(bool) => true,
            { IsEnum: true } => Enum.GetValues(type).GetValue(1)!,
            { IsInterface: true, IsGenericType: true } =>
                List(type.GetGenericArguments()[0], [Some(type.GetGenericArguments()[0], kind)]),
            _ => Record(type, kind),
        };
    }

    private static object Record(Type type, string? kind)
    {
        var constructor = type.GetConstructors().MaxBy(c => c.GetParameters().Length)!;
        var value = constructor.Invoke(
            [.. constructor.GetParameters().Select(parameter => Some(parameter.ParameterType, kind))]);
        foreach (var field in Fields(type))
        {
            field.SetValue(value, Some(field.PropertyType, kind));
        }

        return value;
    }

    // A chain holds augmentations: made of chains alone it would have no end.
    private static bool Holds(Type kind, Type choice) => Fields(kind).Any(field =>
        field.PropertyType == choice || (field.PropertyType.IsGenericType && field.PropertyType.GetGenericArguments()[0] == choice));

    private static bool Leaf(Type type) =>
        type.IsEnum || type.IsPrimitive || type == typeof(string) || Nullable.GetUnderlyingType(type) is not null;

    private static object Other(object value) => value switch
    {
        string text => text + "x",
        int number => number + 1,
        double number => Math.BitIncrement(number),
        bool flag => !flag,
        Enum => Enum.GetValues(value.GetType()).GetValue(0)!,
        _ => throw new NotSupportedException($"A recipe with a {value.GetType()}: say what another value of it is."),
    };

    private static object With(object record, PropertyInfo field, object? value)
    {
        var clone = record.GetType().GetMethod("<Clone>$")!.Invoke(record, null)!;
        field.SetValue(clone, value);
        return clone;
    }

    private static Array List(Type item, object[] values)
    {
        var list = Array.CreateInstance(item, values.Length);
        values.CopyTo(list, 0);
        return list;
    }
}
