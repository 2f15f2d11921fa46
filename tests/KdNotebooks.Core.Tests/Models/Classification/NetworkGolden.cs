using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KdNotebooks.Models.Classification;

namespace KdNotebooks.Tests.Models.Classification;

/// <summary>Outputs of RepDistiller's and torchvision's networks for weights and images that follow a formula.</summary>
internal static class NetworkGolden
{
    // Each has networks or outputs that the others have not.
    private static readonly string[] Files =
        ["classification.json", "classification-repdistiller.json", "classification-torchvision.json"];

    private static readonly Dictionary<string, List<JsonElement>> Models = Files
        .SelectMany(file => JsonDocument.Parse(File.ReadAllText(Path.Combine(
            AppContext.BaseDirectory, "Models", "golden", file))).RootElement.GetProperty("models").EnumerateObject())
        .GroupBy(entry => entry.Name).ToDictionary(group => group.Key, group => group.Select(entry => entry.Value).ToList());

    /// <summary>"resnet8x4"; "mobilenet_v2:0.35" of another width; "vgg8:64" of another image.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Models.Keys];

    /// <summary>What the files say of it, each with its own number of classes.</summary>
    public static IReadOnlyList<JsonElement> Of(string name) => Models[name];

    /// <summary>Name, width, stride of the stem: "mobilenet_v1:0.125:1"; "vgg8:64" is vgg8 on another image.</summary>
    public static NetworkSpec Spec(string golden)
    {
        var parts = golden.Split(':');
        return new(parts[0])
        {
            Width = parts.Length > 1 && parts[1] != "64" ? double.Parse(parts[1], CultureInfo.InvariantCulture) : null,
            StemStride = parts.Length > 2 ? int.Parse(parts[2], CultureInfo.InvariantCulture) : null,
        };
    }

    public static long Classes(JsonElement golden) =>
        golden.GetProperty("outputs").GetProperty("logits").GetProperty("shape")[1].GetInt64();

    /// <summary>The module has the file's names with the file's shapes, and no others.</summary>
    public static void CheckNames(JsonElement golden, nn.Module module)
    {
        var own = module.state_dict().Select(entry => $"{entry.Key} [{string.Join(", ", entry.Value.shape)}]")
            .Order(StringComparer.Ordinal).ToList();
        if (golden.TryGetProperty("state", out var state))
        {
            Assert.Equal(
                state.EnumerateObject().Select(entry => $"{entry.Name} [{string.Join(", ", TorchvisionGolden.Numbers(entry.Value))}]")
                    .Order(StringComparer.Ordinal), own);
        }
        else
        {
            Assert.Equal(golden.GetProperty("entries").GetInt32(), own.Count);
            Assert.Equal(
                golden.GetProperty("names").GetString(),
                Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', own)))));
        }
    }
}
