using System.Text.Json;

namespace KdNotebooks.Tests.Ops;

/// <summary>torchvision's numbers: golden/ops.json, made by tests/golden/make_ops.py.</summary>
internal static class OpsGolden
{
    public static readonly JsonElement All = Read("ops.json");

    /// <summary>The file that another reference made, of other inputs; see its "about".</summary>
    public static readonly JsonElement Given = Read("torchvision-ops.json");

    public static JsonElement Part(string name) => All.GetProperty(name);

    public static Tensor Tensor(this JsonElement element, params long[] shape) =>
        torch.tensor(Flat(element).Select(value => (float)value).ToArray()).view(shape);

    public static double[] Doubles(this JsonElement element) => [.. Flat(element)];

    public static long[] Longs(this JsonElement element) =>
        [.. element.EnumerateArray().Select(value => value.GetInt64())];

    /// <summary>Each value is the file's, to a share of the largest one.</summary>
    public static void Near(JsonElement expected, Tensor actual, double relative = 1e-5)
    {
        using var scope = torch.NewDisposeScope();
        var wanted = expected.Doubles();
        var got = actual.to(torch.float64).contiguous().flatten().data<double>().ToArray();
        Assert.Equal(wanted.Length, got.Length);
        var size = wanted.Select(Math.Abs).DefaultIfEmpty().Max();
        var worst = wanted.Zip(got, (a, b) => Math.Abs(a - b)).DefaultIfEmpty().Max();
        Assert.True(worst <= relative * size + 1e-6, $"{worst:G3} apart; the largest is {size:G3}.");
    }

    /// <summary>Shape, mean, norm and single values are those of a summary, to 1e-4 of the values' size.</summary>
    public static void NearSummary(JsonElement summary, Tensor actual)
    {
        using var scope = torch.NewDisposeScope();
        Assert.Equal(summary.GetProperty("shape").Longs(), actual.shape);
        var flat = actual.to(torch.float64).contiguous().flatten();
        var values = flat.data<double>().ToArray();
        var norm = summary.GetProperty("l2").GetDouble();
        var size = norm / Math.Sqrt(values.Length);
        double[] first = summary.GetProperty("first").Doubles(), last = summary.GetProperty("last").Doubles();
        Close(norm, flat.norm().ToDouble(), norm);
        Close(summary.GetProperty("mean").GetDouble(), flat.mean().ToDouble(), size);
        Assert.All(first.Zip(values), pair => Close(pair.First, pair.Second, size));
        Assert.All(last.Zip(values[^last.Length..]), pair => Close(pair.First, pair.Second, size));
    }

    private static void Close(double expected, double actual, double size) => Assert.True(
        Math.Abs(expected - actual) <= 1e-4 * Math.Max(size, Math.Abs(expected)), $"{expected} and {actual}");

    private static IEnumerable<double> Flat(JsonElement element) => element.ValueKind == JsonValueKind.Array
        ? element.EnumerateArray().SelectMany(Flat) : [element.GetDouble()];

    private static JsonElement Read(string file) => JsonDocument.Parse(File.ReadAllText(
        Path.Combine(AppContext.BaseDirectory, "Ops", "golden", file))).RootElement;
}
