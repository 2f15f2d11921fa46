using System.Text.Json;
using KdNotebooks.Runtime;

namespace KdNotebooks.Weights;

/// <summary>Reads one tensor's entry: <c>{"dtype":..., "shape":[...], "data_offsets":[begin, end]}</c>.</summary>
internal static class SafeTensorsEntry
{
    private const string Expected = "dtype, shape and data_offsets";

    internal static SafeTensorsInfo Read(string where, JsonProperty property)
    {
        var (dtype, shape, offsets) = Fields(where, property.Value);
        var name = dtype.ValueKind == JsonValueKind.String ? dtype.GetString() : dtype.GetRawText();
        if (!SafeTensorsDtype.TryParse(name, out var type))
        {
            throw new KdException(
                $"{where}: dtype {NameList.Short(name!)} cannot be read; expected one of {SafeTensorsDtype.Known}.");
        }

        var dimensions = Numbers(where, "shape", shape);
        var span = Numbers(where, "data_offsets", offsets);
        if (span.Length != 2 || span[0] > span[1])
        {
            throw new KdException($"{where}: data_offsets are {Text(span)}; expected [begin, end].");
        }

        var expected = ByteLength(where, dimensions, SafeTensorsDtype.SizeOf(type));
        return span[1] - span[0] == expected
            ? new(property.Name, type, dimensions, span[0], span[1])
            : throw new KdException(
                $"{where}: data_offsets [{span[0]}, {span[1]}] span {span[1] - span[0]} bytes, but {name} "
                + $"{Text(dimensions)} takes {expected}.");
    }

    private static (JsonElement Dtype, JsonElement Shape, JsonElement Offsets) Fields(string where, JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object)
        {
            throw new KdException($"{where}: is {entry.ValueKind}; expected an object with {Expected}.");
        }

        var found = new Dictionary<string, JsonElement>(3);
        foreach (var field in entry.EnumerateObject())
        {
            if (field.Name is not ("dtype" or "shape" or "data_offsets") || !found.TryAdd(field.Name, field.Value))
            {
                throw new KdException(
                    $"{where}: field '{NameList.Short(field.Name)}' is unknown or stands twice; expected {Expected}.");
            }
        }

        return (Field("dtype"), Field("shape"), Field("data_offsets"));

        JsonElement Field(string name) => found.TryGetValue(name, out var value)
            ? value
            : throw new KdException($"{where}: has no {name}; expected {Expected}.");
    }

    private static long[] Numbers(string where, string field, JsonElement array)
    {
        if (array.ValueKind != JsonValueKind.Array)
        {
            throw new KdException($"{where}: {field} is {array.ValueKind}; expected an array of whole numbers.");
        }

        return [.. array.EnumerateArray().Select(Number)];

        // Unsigned, so that -0 is refused as well; 1.0 and 1e2 are no whole numbers to the reference either.
        long Number(JsonElement element) =>
            element.ValueKind == JsonValueKind.Number && element.TryGetUInt64(out var value) && value <= long.MaxValue
                ? (long)value
                : throw new KdException(
                    $"{where}: {field} holds {NameList.Short(element.GetRawText())}; "
                    + $"expected whole numbers from 0 to {long.MaxValue}.");
    }

    private static string Text(long[] numbers) => NameList.Short($"[{string.Join(", ", numbers)}]");

    private static long ByteLength(string where, long[] shape, int size)
    {
        try
        {
            // Strides are products too, and count an empty dimension as one: they have to fit as well.
            checked
            {
                _ = shape.Aggregate((long)size, (product, dimension) => product * Math.Max(1, dimension));
                return shape.Aggregate((long)size, (product, dimension) => product * dimension);
            }
        }
        catch (OverflowException error)
        {
            throw new KdException($"{where}: shape {Text(shape)} takes more than 2^63 bytes.", error);
        }
    }
}
