using System.Text.Json;
using KdNotebooks.Masks;

namespace KdNotebooks.Datasets;

/// <summary>Writes COCO's JSON, value by value.</summary>
internal static class CocoWriter
{
    // What is written so far goes to the stream now and then.
    private const int Enough = 1 << 16;

    public static void Write(Stream stream, CocoInstances all)
    {
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteStartArray("categories");
        foreach (var category in all.Categories)
        {
            json.WriteStartObject();
            json.WriteNumber("id", category.Id);
            json.WriteString("name", category.Name);
            json.WriteString("supercategory", category.Supercategory);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("images");
        foreach (var image in all.Images)
        {
            json.WriteStartObject();
            json.WriteNumber("id", image.Id);
            json.WriteString("file_name", image.FileName);
            json.WriteNumber("height", image.Height);
            json.WriteNumber("width", image.Width);
            json.WriteEndObject();
            FlushSome(json);
        }

        json.WriteEndArray();
        json.WriteStartArray("annotations");
        foreach (var one in all.Annotations)
        {
            Annotation(json, one, all);
            FlushSome(json);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void FlushSome(Utf8JsonWriter json)
    {
        if (json.BytesPending > Enough)
        {
            json.Flush();
        }
    }

    /// <summary>Left, top, width, height.</summary>
    public static void Box(Utf8JsonWriter json, ImageBox box)
    {
        json.WriteStartArray("bbox");
        json.WriteNumberValue(box.Left);
        json.WriteNumberValue(box.Top);
        json.WriteNumberValue(box.Width);
        json.WriteNumberValue(box.Height);
        json.WriteEndArray();
    }

    /// <summary>[height, width].</summary>
    public static void Size(Utf8JsonWriter json, RunLength mask)
    {
        json.WriteStartArray("size");
        json.WriteNumberValue(mask.Height);
        json.WriteNumberValue(mask.Width);
        json.WriteEndArray();
    }

    private static void Annotation(Utf8JsonWriter json, CocoAnnotation one, CocoInstances all)
    {
        json.WriteStartObject();
        json.WriteNumber("id", one.Id);
        json.WriteNumber("image_id", all.Images[one.Image].Id);
        json.WriteNumber("category_id", all.Categories[one.Class].Id);
        json.WriteNumber("iscrowd", one.Crowd ? 1 : 0);
        json.WriteNumber("area", one.Area);
        Box(json, one.Box);
        if (one.Shape?.Polygons is { } polygons)
        {
            json.WriteStartArray("segmentation");
            foreach (var polygon in polygons)
            {
                json.WriteStartArray();
                Array.ForEach(polygon, json.WriteNumberValue);
                json.WriteEndArray();
            }

            json.WriteEndArray();
        }
        else if (one.Shape?.Runs is { } runs)
        {
            json.WriteStartObject("segmentation");
            json.WriteStartArray("counts");
            foreach (var count in runs.Counts)
            {
                json.WriteNumberValue(count);
            }

            json.WriteEndArray();
            Size(json, runs);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
