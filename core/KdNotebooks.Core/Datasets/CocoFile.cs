using System.Text.Json;
using KdNotebooks.Data;
using KdNotebooks.Masks;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Datasets;

/// <summary>
/// Instances in COCO's JSON: images, categories, and one annotation an instance with box, area and mask. Lin et al.
/// 2014 (arXiv:1405.0312); the format is that of <c>instances_train2017.json</c>.
/// </summary>
internal sealed record CocoFile
{
    private static readonly JsonSerializerOptions Snake = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
    };

    public required IReadOnlyList<CocoCategory> Categories { get; init; }

    public required IReadOnlyList<CocoImage> Images { get; init; }

    public required IReadOnlyList<CocoAnnotation> Annotations { get; init; }

    /// <summary>Ids of images and annotations count from 1, in their order.</summary>
    /// <param name="table">Of its classes, all but 0, the background, are categories, with the class as id.</param>
    /// <param name="fileName">The image file of a sample, relative to the folder of images.</param>
    public static CocoFile Of(SampleSet set, LabelTable table, Func<int, string> fileName)
    {
        var (images, annotations) = (new List<CocoImage>(), new List<CocoAnnotation>());
        for (var i = 0; i < set.Count; i++)
        {
            var sample = set.Load(i);
            var (height, width) = (sample.Height, sample.Width);
            images.Add(new CocoImage { Id = i + 1, FileName = fileName(i), Height = height, Width = width });
            annotations.AddRange(LabelMap.Of(sample).Things.Select((instance, k) => new CocoAnnotation
            {
                Id = annotations.Count + k + 1,
                ImageId = i + 1,
                CategoryId = instance.Class,
                Area = instance.Area,
                Bbox = [instance.Box.Left, instance.Box.Top, instance.Box.Width, instance.Box.Height],
                Segmentation = new CocoRuns
                {
                    Counts = RunLength.OfBitmap(instance.Mask, height, width).Counts,
                    Size = [height, width],
                },
            }).ToList());
        }

        return new CocoFile
        {
            Categories =
            [
                .. table.Classes.Skip(1).Select(row => new CocoCategory { Id = row.Class!.Value, Name = row.Name }),
            ],
            Images = images,
            Annotations = annotations,
        };
    }

    public void Write(string path)
    {
        using var stream = File.Create(path);
        JsonSerializer.Serialize(stream, this, Snake);
    }

    /// <exception cref="JsonException">The file is not of this format.</exception>
    public static CocoFile Read(string path) =>
        JsonSerializer.Deserialize<CocoFile>(File.ReadAllBytes(path), Snake) ?? throw new JsonException("It is null.");
}

internal sealed record CocoCategory
{
    public required int Id { get; init; }

    public required string Name { get; init; }

    public string Supercategory { get; init; } = "clothing";
}

internal sealed record CocoImage
{
    public required int Id { get; init; }

    public required string FileName { get; init; }

    public required int Height { get; init; }

    public required int Width { get; init; }
}

internal sealed record CocoAnnotation
{
    public required int Id { get; init; }

    public required int ImageId { get; init; }

    public required int CategoryId { get; init; }

    public int Iscrowd { get; init; }

    /// <summary>Pixels of the mask.</summary>
    public required int Area { get; init; }

    /// <summary>Left, top, width, height.</summary>
    public required IReadOnlyList<int> Bbox { get; init; }

    public required CocoRuns Segmentation { get; init; }
}

/// <summary>A mask, see <see cref="RunLength"/>.</summary>
internal sealed record CocoRuns
{
    public required IReadOnlyList<int> Counts { get; init; }

    /// <summary>Height, width.</summary>
    public required IReadOnlyList<int> Size { get; init; }
}
