using System.Text.Json;

namespace KdNotebooks.Data.Dense;

/// <summary>
/// Writes instances in COCO's JSON: images, categories, and one annotation an instance with box, area and mask. Lin et
/// al. 2014 (arXiv:1405.0312); the format is that of <c>instances_train2017.json</c>.
/// </summary>
internal static class CocoWriter
{
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="table">Of its classes, all but 0, the background, are categories, with the class as id.</param>
    /// <param name="fileName">The image file of a sample, relative to the folder of images.</param>
    public static void Write(
        string path, LabelTable table, IEnumerable<DenseSample> samples, Func<int, string> fileName)
    {
        using var stream = File.Create(path);
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        Categories(json, table);
        var kept = samples.ToList();
        json.WriteStartArray("images");
        for (var i = 0; i < kept.Count; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", i + 1);
            json.WriteString("file_name", fileName(i));
            json.WriteNumber("height", kept[i].Height);
            json.WriteNumber("width", kept[i].Width);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("annotations");
        var id = 0;
        foreach (var (sample, image) in kept.Select((sample, i) => (sample, i + 1)))
        {
            foreach (var instance in sample.Instances)
            {
                Annotation(json, ++id, image, instance, sample.Height, sample.Width);
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Categories(Utf8JsonWriter json, LabelTable table)
    {
        json.WriteStartArray("categories");
        foreach (var row in table.Classes.Skip(1))
        {
            json.WriteStartObject();
            json.WriteNumber("id", row.Class!.Value);
            json.WriteString("name", row.Name);
            json.WriteString("supercategory", "clothing");
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Annotation(
        Utf8JsonWriter json, int id, int image, DenseInstance instance, int height, int width)
    {
        var box = instance.Box;
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteNumber("image_id", image);
        json.WriteNumber("category_id", instance.Class);
        json.WriteNumber("iscrowd", 0);
        json.WriteNumber("area", instance.Area);
        Numbers(json, "bbox", [box.Left, box.Top, box.Width, box.Height]);
        json.WriteStartObject("segmentation");
        Numbers(json, "counts", RunLength.Of(instance.Mask, height, width));
        Numbers(json, "size", [height, width]);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Numbers(Utf8JsonWriter json, string name, IEnumerable<int> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }
}
