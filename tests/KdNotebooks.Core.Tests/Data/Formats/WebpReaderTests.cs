using System.Text.Json;
using KdNotebooks.Data;
using KdNotebooks.Data.Formats;

namespace KdNotebooks.Tests.Data.Formats;

/// <summary>WebP files with the colors that Pillow reads in them; tests/golden/make_webp.py wrote them.</summary>
public sealed class WebpReaderTests : IDisposable
{
    private static readonly List<JsonElement> Made =
    [
        .. JsonDocument.Parse(File.ReadAllText(
            Path.Combine(AppContext.BaseDirectory, "Data", "Formats", "golden", "webp.json"))).RootElement.EnumerateArray(),
    ];

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Names => [.. Made.Select(one => one.GetProperty("name").GetString()!)];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Colors_are_those_that_Pillow_reads(string name)
    {
        var (path, golden) = Write(name);
        var size = new ImageSize(golden.GetProperty("height").GetInt32(), golden.GetProperty("width").GetInt32());
        var image = ColorReader.Read(path);
        Assert.Equal((size, size), (image.Size, ColorReader.ReadSize(path)));
        Assert.Equal(golden.GetProperty("rgb").GetBytesFromBase64(), image.Pixels);
        Assert.Equal(size, Picture.Open(path).Size);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_file_that_ends_too_early_is_named(string name)
    {
        var (path, golden) = Write(name);
        var whole = golden.GetProperty("webp").GetBytesFromBase64();
        for (var length = 0; length < whole.Length - 1; length += Math.Max(1, whole.Length / 40))
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Equal(path, Assert.Throws<DataFileException>(() => ColorReader.Read(path)).File);
        }
    }

    [Fact]
    public void A_size_beyond_reading_is_refused_before_there_is_room_for_it()
    {
        var (path, golden) = Write("animated");
        var bytes = golden.GetProperty("webp").GetBytesFromBase64();
        bytes.AsSpan(24, 6).Fill(0xFF); // 2^24 x 2^24
        File.WriteAllBytes(path, bytes);
        Assert.Contains("expected at most", Assert.Throws<DataFileException>(() => ColorReader.Read(path)).Message);
        Assert.Contains("expected at most", Assert.Throws<DataFileException>(() => ColorReader.ReadSize(path)).Message);
    }

    private (string Path, JsonElement Golden) Write(string name)
    {
        var one = Made.Single(one => one.GetProperty("name").GetString() == name);
        return (folder.Write("x.webp", one.GetProperty("webp").GetBytesFromBase64()), one);
    }
}
