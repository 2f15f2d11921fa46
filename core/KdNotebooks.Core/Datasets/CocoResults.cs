using System.Text.Json;
using KdNotebooks.Data;
using KdNotebooks.Masks;
using KdNotebooks.Metrics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Datasets;

/// <summary>
/// Detections in COCO's result format: a list of image_id, category_id, bbox (left, top, width, height), score, and of
/// masks the segmentation as compressed run lengths. COCO's server and pycocotools read it.
/// </summary>
public static class CocoResults
{
    private const string Mend =
        "Expected COCO's results: a list of {image_id, category_id, bbox, score, segmentation}, of the images and "
        + "categories of the annotations.";

    /// <summary>Writes detections; of an image at a time no more is held than its own.</summary>
    /// <param name="instances">Whose ids are written.</param>
    /// <param name="found">An image's index in <see cref="CocoInstances.Images"/>, and what was found in it.</param>
    /// <param name="boxes">
    /// The default value is true. Where masks are measured, pycocotools takes a detection's area from its box if the
    /// file has boxes, and from its mask if not, as <see cref="CocoEvaluation"/>; the area decides what is small or
    /// large.
    /// </param>
    /// <exception cref="KdException">The file cannot be written, or an image or a class is not there.</exception>
    public static void Write(
        string path, CocoInstances instances, IEnumerable<(int Image, IReadOnlyList<FoundObject> Found)> found,
        bool boxes = true) => AtomicFile.Write(path, stream =>
        {
            using var json = new Utf8JsonWriter(stream);
            json.WriteStartArray();
            foreach (var (image, objects) in found)
            {
                foreach (var one in objects)
                {
                    Write(json, instances, image, one, boxes);
                    CocoWriter.FlushSome(json);
                }
            }

            json.WriteEndArray();
        });

    /// <summary>Reads detections.</summary>
    /// <returns>Of each image of the annotations, in their order, what was found in it, in the file's order.</returns>
    /// <exception cref="DataFileException">
    /// The file is missing or of another format, or a result is of an image or category that is not listed, or its mask
    /// of another size: its place in the list is named.
    /// </exception>
    public static IReadOnlyList<IReadOnlyList<FoundObject>> Read(string path, CocoInstances instances)
    {
        var all = instances.Images.Select(_ => new List<FoundObject>()).ToArray();
        var at = -1;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
            var tokens = new JsonTokens(stream);
            tokens.Next();
            tokens.Expect(JsonTokenType.StartArray, "content");
            for (tokens.Next(); tokens.Type != JsonTokenType.EndArray; tokens.Next())
            {
                at++;
                tokens.Expect(JsonTokenType.StartObject, "value");
                var (image, one) = Result(ref tokens, instances);
                all[image].Add(one);
            }

            at = -1;
            tokens.End();
            return all;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new DataFileException(path, $"cannot be read ({Failure.Line(problem)})", Mend, problem);
        }
        catch (JsonException problem)
        {
            throw new DataFileException(path, $"is no JSON ({Failure.Line(problem)})", Mend, problem);
        }
        catch (KdException problem)
        {
            throw new DataFileException(
                path, $"of {(at < 0 ? "the file" : $"result {at}")}, {problem.Message.TrimEnd('.')}", Mend, problem);
        }
    }

    /// <summary>COCO's numbers of detections.</summary>
    /// <param name="found">Of each image, as <see cref="Read"/> gives it.</param>
    /// <exception cref="KdException">Another number of images, or what <see cref="CocoEvaluation"/>
    /// refuses.</exception>
    public static CocoResult Evaluate(
        CocoInstances instances, IReadOnlyList<IReadOnlyList<FoundObject>> found, CocoRegion region)
    {
        if (found.Count != instances.Images.Count)
        {
            throw new KdException(
                $"CocoResults: detections of {found.Count} images came; expected {instances.Images.Count}, "
                + "one list an image.");
        }

        var evaluation = new CocoEvaluation(instances.Categories.Count, region);
        Parallel.For(0, found.Count, i =>
            evaluation.Add(instances.Images[i].Id, instances.TruthsOf(i, region), found[i]));
        return evaluation.Result();
    }

    private static void Write(Utf8JsonWriter json, CocoInstances instances, int image, FoundObject one, bool boxes)
    {
        if (image < 0 || image >= instances.Images.Count || one.Class < 0 || one.Class >= instances.Categories.Count
            || !one.Box.IsFinite || !double.IsFinite(one.Score))
        {
            throw new KdException(
                $"CocoResults: a detection of class {one.Class} with score {one.Score} in image {image}; expected "
                + $"indices below {instances.Categories.Count} and {instances.Images.Count}, a finite score and a finite box.");
        }

        json.WriteStartObject();
        json.WriteNumber("image_id", instances.Images[image].Id);
        json.WriteNumber("category_id", instances.Categories[one.Class].Id);
        if (boxes || one.Mask is null)
        {
            CocoWriter.Box(json, one.Box);
        }

        json.WriteNumber("score", one.Score);
        if (one.Mask is { } mask)
        {
            json.WriteStartObject("segmentation");
            CocoWriter.Size(json, mask);
            json.WriteString("counts", mask.ToText());
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static (int Image, FoundObject One) Result(ref JsonTokens tokens, CocoInstances instances)
    {
        var (image, category, score) = (default(long?), default(long?), default(double?));
        var (box, mask) = (default(ImageBox?), default(MaskText));
        for (tokens.Next(); tokens.Type != JsonTokenType.EndObject; tokens.Next())
        {
            var key = tokens.Is("image_id"u8) ? 0 : tokens.Is("category_id"u8) ? 1 : tokens.Is("score"u8) ? 2
                : tokens.Is("bbox"u8) ? 3 : tokens.Is("segmentation"u8) ? 4 : 5;
            tokens.Next();
            switch (key)
            {
                case 0: image = tokens.Whole("image_id"); break;
                case 1: category = tokens.Whole("category_id"); break;
                case 2: score = tokens.Real("score"); break;
                case 3: box = CocoValues.Box(ref tokens); break;
                case 4: mask = CocoValues.Mask(ref tokens); break;
                default: tokens.Skip(); break;
            }
        }

        return image is { } id && category is { } kind && score is { } sure && (box ?? mask.Shape as object) is not null
            ? Result(instances, id, instances.ClassOf(kind), sure, box, mask)
            : mask.Problem is not null ? throw new KdException(mask.Problem)
            : throw new KdException("image_id, category_id, score, or both bbox and segmentation are missing");
    }

    private static (int Image, FoundObject One) Result(
        CocoInstances instances, long id, int @class, double score, ImageBox? box, MaskText mask)
    {
        var at = instances.IndexOf(id);
        if (at < 0 || mask.Problem is not null || !double.IsFinite(score) || box is { IsFinite: false })
        {
            throw new KdException(at < 0 ? $"image {id} is not listed"
                : mask.Problem ?? $"the score is {score} and the box {box}; expected finite numbers");
        }

        var runs = mask.Shape?.Mask(instances.Images[at].Height, instances.Images[at].Width);
        return (at, new FoundObject(@class, score, box ?? runs!.Box, runs));
    }
}
