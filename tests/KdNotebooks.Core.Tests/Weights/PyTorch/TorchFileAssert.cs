using System.Text.Json;
using KdNotebooks.Weights;

namespace KdNotebooks.Tests.Weights.PyTorch;

/// <summary>Files of torch.save's, and how their tensors are compared with what PyTorch had in them.</summary>
internal static class TorchFileAssert
{
    public static string Golden(string name) =>
        Path.Combine(AppContext.BaseDirectory, "Weights", "PyTorch", "golden", name);

    public static JsonElement Expected(string name) =>
        JsonDocument.Parse(File.ReadAllText(Golden(name))).RootElement.GetProperty("files");

    /// <summary>Names, types, shapes and values, to the last bit; of the values as many as are given.</summary>
    public static void Holds(JsonElement entries, WeightsFile file)
    {
        using var scope = torch.NewDisposeScope();
        Assert.Equal(
            entries.EnumerateObject().Select(entry => entry.Name).Order(StringComparer.Ordinal),
            file.Entries.Keys.Order(StringComparer.Ordinal));
        foreach (var entry in entries.EnumerateObject())
        {
            var (info, tensor) = (file.Entries[entry.Name], file.Load(entry.Name));
            Assert.Equal(TypeOf(entry.Value.GetProperty("dtype").GetString()!), info.Dtype);
            Assert.Equal(info.Dtype, tensor.dtype);
            Assert.Equal(entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()), info.Shape);
            Assert.Equal(info.Shape, tensor.shape);
            Assert.True(tensor.is_contiguous());
            var values = tensor.to(torch.float64).view(-1).data<double>().ToArray();
            var given = entry.Value.GetProperty("values").EnumerateArray().Select(Number).ToArray();
            Assert.Equal(given, values.Take(given.Length));
            if (entry.Value.TryGetProperty("sum", out var sum))
            {
                Assert.Equal(sum.GetDouble(), values.Sum(), 1e-9);
            }
        }
    }

    private static double Number(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number ? value.GetDouble() : value.GetBoolean() ? 1 : 0;

    private static torch.ScalarType TypeOf(string name) => name switch
    {
        "float16" => torch.float16,
        "bfloat16" => torch.bfloat16,
        "float32" => torch.float32,
        "float64" => torch.float64,
        "int64" => torch.int64,
        "uint8" => torch.uint8,
        "bool" => torch.@bool,
        _ => throw new ArgumentException(name),
    };
}
