using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace KdNotebooks.Runtime;

/// <summary>
/// A measured number in JSON: a number, or null where there is none (NaN, infinite). Files of before, which say "NaN",
/// "Infinity" or "-Infinity", are read as they were meant.
/// </summary>
internal sealed class NumberOrNull : JsonConverter<double>
{
    public override bool HandleNull => true;

    /// <summary>For an object that is put together node by node.</summary>
    public static JsonNode? Node(double? value) => value is { } number && double.IsFinite(number) ? number : null;

    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType switch
        {
            JsonTokenType.Null => double.NaN,
            JsonTokenType.Number => reader.GetDouble(),
            JsonTokenType.String when reader.ValueTextEquals("NaN") => double.NaN,
            JsonTokenType.String when reader.ValueTextEquals("Infinity") => double.PositiveInfinity,
            JsonTokenType.String when reader.ValueTextEquals("-Infinity") => double.NegativeInfinity,
            _ => throw new JsonException(),
        };

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
