using System.Text.Json;
using System.Text.Json.Serialization;

namespace KdNotebooks.Recipes;

/// <summary>A number of a recipe: finite, for what is not a number equals nothing, not even itself.</summary>
internal sealed class FiniteNumber : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Require(reader.GetDouble());

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(Require(value));

    private static double Require(double value) => double.IsFinite(value)
        ? value
        : throw new JsonException($"The number is {value}; expected a finite one.");
}

/// <summary>An enum as one camel-case word. (The serialiser's own takes several words, and adds them up.)</summary>
internal sealed class EnumWord<T> : JsonConverter<T>
    where T : struct, Enum
{
    private static readonly Dictionary<string, T> Words =
        Enum.GetValues<T>().ToDictionary(value => JsonNamingPolicy.CamelCase.ConvertName(value.ToString()));

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Words.TryGetValue(reader.GetString()!, out var value)
            ? value
            : throw new JsonException($"Expected one of the words {string.Join(", ", Words.Keys)}.");

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Words.FirstOrDefault(word => word.Value.Equals(value)).Key
            ?? throw new JsonException($"{value} is none of the words {string.Join(", ", Words.Keys)}."));
}

/// <summary>Makes an <see cref="EnumWord{T}"/> for every enum.</summary>
internal sealed class EnumWords : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(EnumWord<>).MakeGenericType(typeToConvert))!;
}
