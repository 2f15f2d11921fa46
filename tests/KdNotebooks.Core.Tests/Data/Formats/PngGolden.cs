using System.Text.Json;

namespace KdNotebooks.Tests.Data.Formats;

/// <summary>A PNG file with the colors that Pillow reads in it; tests/golden/make_png.py wrote it.</summary>
/// <param name="Planes">[3, H, W].</param>
internal sealed record PngGolden(int Height, int Width, byte[] File, byte[] Planes)
{
    private static readonly List<JsonElement> Made =
    [
        .. JsonDocument.Parse(System.IO.File.ReadAllText(
            Path.Combine(AppContext.BaseDirectory, "Data", "Formats", "golden", "png.json"))).RootElement.EnumerateArray(),
    ];

    public static TheoryData<string> Names => [.. Made.Select(one => one.GetProperty("name").GetString()!)];

    public static PngGolden Of(string name)
    {
        var one = Made.Single(one => one.GetProperty("name").GetString() == name);
        var pixels = one.GetProperty("rgb").GetBytesFromBase64();
        return new PngGolden(
            one.GetProperty("height").GetInt32(), one.GetProperty("width").GetInt32(),
            one.GetProperty("png").GetBytesFromBase64(),
            [.. Enumerable.Range(0, 3).SelectMany(c => pixels.Where((_, i) => i % 3 == c))]);
    }
}
