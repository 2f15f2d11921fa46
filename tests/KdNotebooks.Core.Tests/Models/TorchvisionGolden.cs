using System.Text.Json;

namespace KdNotebooks.Tests.Models;

/// <summary>
/// Outputs of torchvision's models whose weights and images follow a formula. The file says which, and where they come
/// from.
/// </summary>
internal static class TorchvisionGolden
{
    private static readonly JsonElement Models = JsonDocument.Parse(File.ReadAllText(Path.Combine(
        AppContext.BaseDirectory, "Models", "golden", "torchvision.json"))).RootElement.GetProperty("models");

    /// <summary>The image of the file for a model.</summary>
    public static Tensor Image(string model) => Image(Numbers(Models.GetProperty(model).GetProperty("input")));

    public static Tensor Image(params long[] shape)
    {
        using var scope = torch.NewDisposeScope();
        var index = torch.arange(shape.Aggregate(1L, (a, b) => a * b), dtype: torch.float64);
        var image = (index * 0.011).sin() + (0.5 * ((index * 0.37) + 1).sin());
        return image.to(torch.float32).view(shape).MoveToOuterDisposeScope();
    }

    /// <summary>Gives a module the file's weights, which depend on names and shapes alone.</summary>
    public static TModule Fill<TModule>(TModule module)
        where TModule : nn.Module
    {
        using var noGrad = torch.no_grad();
        foreach (var ((name, tensor), k) in module.state_dict().OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .Select((entry, k) => (entry, k)))
        {
            // Some rows at a time: a layer of a hundred million numbers would take gigabytes.
            var row = tensor.dim() == 0 ? 1 : tensor.numel() / tensor.shape[0];
            for (var (at, rows) = (0L, Math.Max(1, 4_000_000 / row)); at < Math.Max(1, tensor.numel() / row); at += rows)
            {
                using var scope = torch.NewDisposeScope();
                var part = tensor.dim() == 0 ? tensor : tensor.narrow(0, at, Math.Min(rows, tensor.shape[0] - at));
                var sine = ((torch.arange(at * row, (at * row) + part.numel(), dtype: torch.float64) * 0.37) + k).sin();
                part.copy_(Values(name, tensor, sine).view(part.shape));
            }
        }

        return module;
    }

    /// <summary>The module has the file's names with the file's shapes, and no others.</summary>
    public static void CheckNames(string model, nn.Module module) => Assert.Equal(
        Models.GetProperty(model).GetProperty("state").EnumerateObject()
            .Select(entry => $"{entry.Name} [{string.Join(", ", Numbers(entry.Value))}]").Order(StringComparer.Ordinal),
        module.state_dict().Select(entry => $"{entry.Key} [{string.Join(", ", entry.Value.shape)}]")
            .Order(StringComparer.Ordinal));

    /// <summary>Shape, mean, norm and single values are the file's, to 1e-4 of the values' size.</summary>
    public static void Check(string model, string output, Tensor actual)
    {
        using var scope = torch.NewDisposeScope();
        Check(Models.GetProperty(model).GetProperty("outputs").GetProperty(output), actual);
    }

    /// <summary>The same of a summary of any file.</summary>
    public static void Check(JsonElement expected, Tensor actual)
    {
        using var scope = torch.NewDisposeScope();
        Assert.Equal(Numbers(expected.GetProperty("shape")), actual.shape);
        var flat = actual.to(torch.float64).contiguous().flatten();
        var norm = expected.GetProperty("l2").GetDouble();
        var size = norm / Math.Sqrt(flat.numel()); // root mean square
        Near(norm, flat.norm().ToDouble(), norm);
        Near(expected.GetProperty("mean").GetDouble(), flat.mean().ToDouble(), size);
        var values = flat.data<double>().ToArray();
        double[] first = Values(expected, "first"), last = Values(expected, "last");
        Assert.All(first.Zip(values), pair => Near(pair.First, pair.Second, size));
        Assert.All(last.Zip(values[^last.Length..]), pair => Near(pair.First, pair.Second, size));
    }

    private static Tensor Values(string name, Tensor tensor, Tensor sine) => name switch
    {
        _ when name.EndsWith("num_batches_tracked", StringComparison.Ordinal) => sine * 0,
        _ when name.EndsWith("running_var", StringComparison.Ordinal) => 1 + (0.5 * sine.square()),
        _ when name.EndsWith("running_mean", StringComparison.Ordinal)
            || name.EndsWith("bias", StringComparison.Ordinal) => 0.1 * sine,
        _ when tensor.dim() == 1 => 1 + (0.1 * sine),
        _ => sine / Math.Sqrt((double)tensor.numel() / tensor.shape[0]),
    };

    private static void Near(double expected, double actual, double size) => Assert.True(
        Math.Abs(expected - actual) <= 1e-4 * Math.Max(size, Math.Abs(expected)), $"{expected} and {actual}");

    private static double[] Values(JsonElement summary, string name) =>
        [.. summary.GetProperty(name).EnumerateArray().Select(number => number.GetDouble())];

    public static long[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetInt64())];
}
