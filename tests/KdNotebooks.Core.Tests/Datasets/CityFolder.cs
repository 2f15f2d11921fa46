using KdNotebooks.Tests.Data.Formats;

namespace KdNotebooks.Tests.Datasets;

/// <summary>A small copy of Cityscapes: two cities in train, one in val; images of 4x6.</summary>
internal sealed class CityFolder : IDisposable
{
    public const int Height = 4, Width = 6;

    private readonly TemporaryFolder folder = new();

    public CityFolder()
    {
        Add("train", "aachen", 1, 7);
        Add("train", "bochum", 2, 26);
        Add("train", "aachen", 3, 0);
        Add("val", "ulm", 4, 33);
    }

    public string Path => folder.Path;

    public void Dispose() => folder.Dispose();

    /// <summary>An image whose every byte is <paramref name="number"/>, with a label map of one id.</summary>
    public void Add(string split, string city, byte number, byte label)
    {
        Write(Image(split, city, number), PngSamples.Even(number, Height, Width));
        Write(Labels(split, city, number), PngSamples.Even(label, Height, Width));
    }

    public string Image(string split, string city, int number) => System.IO.Path.Combine(
        Path, "leftImg8bit", split, city, $"{city}_000000_{number:000000}_leftImg8bit.png");

    public string Labels(string split, string city, int number) => System.IO.Path.Combine(
        Path, "gtFine", split, city, $"{city}_000000_{number:000000}_gtFine_labelIds.png");

    public static void Write(string path, byte[] bytes)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }
}
