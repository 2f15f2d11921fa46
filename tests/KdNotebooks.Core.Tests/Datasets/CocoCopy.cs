using KdNotebooks.Datasets;
using SkiaSharp;

namespace KdNotebooks.Tests.Datasets;

/// <summary>A folder in COCO's layout: four images of 20 x 12 pixels in each of two splits, unless a test says otherwise.</summary>
internal sealed class CocoCopy : IDisposable
{
    private const string Categories = """[{"id": 7, "name": "cat"}, {"id": 3, "name": "bat"}, {"id": 90, "name": "rat"}]""";

    private readonly TemporaryFolder folder = new();

    public CocoCopy()
    {
        Images("train2017");
        Images("val2017");
        Annotate("train2017", One(1, 1, 7), One(2, 2, 90));
        Annotate("val2017", One(1, 1, 7));
    }

    public string Path => folder.Path;

    public void Dispose() => folder.Dispose();

    public string File(string name) => folder.File(name);

    /// <summary>An annotation in the middle of its image.</summary>
    public static string One(
        int id, int image, int category, string box = "[2, 3, 10, 6]", int crowd = 0,
        string mask = "[[2, 3, 12, 3, 12, 9, 2, 9]]") =>
        $"{{\"id\": {id}, \"image_id\": {image}, \"category_id\": {category}, \"iscrowd\": {crowd}, \"area\": 60, "
        + $"\"bbox\": {box}, \"segmentation\": {mask}}}";

    /// <summary>Images 1 to 4, "1.jpg" and so on.</summary>
    public void Annotate(string name, params string[] annotations) => Annotate(name, 20, 12, annotations);

    public void Annotate(string name, int width, int height, params string[] annotations)
    {
        var images = Enumerable.Range(1, 4).Select(i =>
            $"{{\"id\": {i}, \"file_name\": \"{i}.jpg\", \"width\": {width}, \"height\": {height}}}");
        Directory.CreateDirectory(File("annotations"));
        System.IO.File.WriteAllText(
            File($"annotations/instances_{name}.json"),
            $"{{\"images\": [{string.Join(", ", images)}], \"categories\": {Categories}, "
            + $"\"annotations\": [{string.Join(", ", annotations)}]}}");
    }

    public CocoSet Train(bool? keepEmpty = null) => CocoSet.Open(
        Path, "train", keepEmpty, TestContext.Current.CancellationToken);

    /// <summary>A JPEG of noise.</summary>
    public static byte[] Jpeg(int width, int height, int seed = 1)
    {
        using var bitmap = new SKBitmap(width, height);
        var random = new Random(seed);
        for (var i = 0; i < width * height; i++)
        {
            bitmap.SetPixel(i % width, i / width, new SKColor((uint)random.Next(1 << 24) | 0xFF000000));
        }

        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 95);
        return data.ToArray();
    }

    private void Images(string name)
    {
        Directory.CreateDirectory(File(name));
        for (var i = 1; i <= 4; i++)
        {
            System.IO.File.WriteAllBytes(File($"{name}/{i}.jpg"), Jpeg(20, 12, i));
        }
    }
}
