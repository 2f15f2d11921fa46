using KdNotebooks.Data;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Tests.Tasks.Segmentation;

/// <summary>Small images with label maps of four classes, from a generator of their own.</summary>
internal static class LabelMapSamples
{
    public static LabelTable Table { get; } = new(
        "four",
        [.. Enumerable.Range(0, 4).Select(i => new LabelRow((byte)i, $"class {i}", i, i))]);

    /// <summary>One sample: any bytes as its image, and labels among the given ones.</summary>
    public static Sample Sample(int seed, int height, int width, params byte[] labels)
    {
        var random = new Random(seed);
        var image = new byte[3 * height * width];
        random.NextBytes(image);
        return LabelMap.Sample($"sample {seed}", height, width, image, random.GetItems(labels, height * width));
    }

    public static LabelMapSet Set(string name, params Sample[] samples) => LabelMapSet.Of(name, Table, samples);

    /// <summary>The same set in every split.</summary>
    public static Dataset Data(params Sample[] samples) => new(
        "tiny", Set("tiny train", samples), Set("tiny val", samples), Set("tiny test", samples), [0.4f, 0.5f, 0.6f],
        [0.2f, 0.3f, 0.25f]);
}
