using System.Security.Cryptography;
using KdNotebooks.Data;

namespace KdNotebooks.Datasets;

/// <summary>One of the four official files.</summary>
/// <param name="Name">Without ".gz".</param>
/// <param name="Count">How many images or labels it holds.</param>
/// <param name="GzipBytes">Length of the file as published.</param>
/// <param name="GzipSha256">Of the file as published.</param>
/// <param name="ContentSha256">
/// Of the decompressed content: the same for every way to compress it, such as Debian's, which drops the name and the
/// time from the gzip header.
/// </param>
internal sealed record FashionMnistFile(string Name, int Count, long GzipBytes, string GzipSha256, string ContentSha256)
{
    // The MD5 sums that the project's README publishes were matched first (datasets.md says how).
    public static FashionMnistFile TrainImages { get; } = new(
        "train-images-idx3-ubyte", 60_000, 26_421_880,
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888");

    public static FashionMnistFile TrainLabels { get; } = new(
        "train-labels-idx1-ubyte", 60_000, 29_515,
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9");

    public static FashionMnistFile TestImages { get; } = new(
        "t10k-images-idx3-ubyte", 10_000, 4_422_102,
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b");

    public static FashionMnistFile TestLabels { get; } = new(
        "t10k-labels-idx1-ubyte", 10_000, 5_148,
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34");

    public static IReadOnlyList<FashionMnistFile> All { get; } = [TrainImages, TrainLabels, TestImages, TestLabels];

    public string GzipName => Name + ".gz";

    /// <summary>The file in this folder, compressed or plain; null where there is neither.</summary>
    public string? Find(string folder) =>
        new[] { GzipName, Name }.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>The official content, decompressed.</summary>
    /// <exception cref="DataFileException">The file is missing, damaged, or other than the official one.</exception>
    public byte[] Read(string folder, string mend)
    {
        var path = Find(folder) ?? Path.Combine(folder, GzipName);
        var content = IdxFile.ReadBytes(path, mend);
        var hash = Convert.ToHexStringLower(SHA256.HashData(content));
        return hash == ContentSha256
            ? content
            : throw Explain(path, content, hash, mend);
    }

    // What a reader can use comes first: a broken structure, then a swapped file, then the bare checksums.
    private DataFileException Explain(string path, byte[] content, string hash, string mend)
    {
        try
        {
            IdxFile.RequireSound(path, content, Name.Contains("labels") ? 1 : 3, mend);
        }
        catch (DataFileException problem)
        {
            return problem;
        }

        return All.FirstOrDefault(file => file.ContentSha256 == hash) is { } other
            ? new(path, $"it holds what belongs into {other.Name}: are the two swapped?", mend)
            : new(
                path,
                $"it is not Fashion-MNIST's: its content has SHA-256 {hash}; the official one has {ContentSha256}",
                "Images of your own in this layout are the dataset 'idx' with this folder "
                + $"(`Idx.at \"{Path.GetDirectoryName(path)}\"`). For Fashion-MNIST: {mend}");
    }
}
