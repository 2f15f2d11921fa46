using System.Text.Json;

namespace KdNotebooks.Tests.Data.Formats;

/// <summary>A JPEG file with the colors that Pillow reads in it; tests/golden/make_jpeg.py wrote it.</summary>
/// <param name="Planes">[3, H, W].</param>
internal sealed record JpegGolden(int Height, int Width, byte[] File, byte[] Planes)
{
    /// <summary>Of a kind that is refused.</summary>
    public const string Arithmetic = "arithmetic";

    private static readonly List<JsonElement> Made =
    [
        .. JsonDocument.Parse(System.IO.File.ReadAllText(
            Path.Combine(AppContext.BaseDirectory, "Data", "Formats", "golden", "jpeg.json"))).RootElement.EnumerateArray(),
    ];

    public static TheoryData<string> Names =>
        [.. Made.Select(one => one.GetProperty("name").GetString()!).Where(name => name != Arithmetic)];

    public static JpegGolden Of(string name)
    {
        var one = Made.Single(one => one.GetProperty("name").GetString() == name);
        return new JpegGolden(
            one.GetProperty("height").GetInt32(), one.GetProperty("width").GetInt32(),
            one.GetProperty("jpeg").GetBytesFromBase64(), one.GetProperty("rgb").GetBytesFromBase64());
    }
}
