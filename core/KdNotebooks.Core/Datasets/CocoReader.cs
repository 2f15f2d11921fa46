using System.Text.Json;
using KdNotebooks.Data;
using KdNotebooks.Masks;
using KdNotebooks.Runtime;

namespace KdNotebooks.Datasets;

/// <summary>Reads COCO's instances from a stream, each value once, and collects what is wrong with them.</summary>
internal sealed class CocoReader
{
    private const string Mend =
        "Expected COCO's instances: images, categories and annotations, as in instances_val2017.json. Fetch or write "
        + "the file again.";

    private readonly string path;
    private readonly List<CocoCategory> categories = [];
    private readonly List<CocoImage> images = [];
    private readonly List<RawAnnotation> raw = [];
    private readonly List<string> problems = [];
    private readonly CocoAnnotation[] annotations;

    private CocoReader(string path)
    {
        this.path = path;
        using (var stream = Open(path))
        {
            ReadAll(stream);
        }

        annotations = Resolve();
    }

    private delegate void ReadItem(ref JsonTokens tokens);

    /// <summary>Annotations that cannot be used, each in a sentence that names its id; ids that come twice.</summary>
    public IReadOnlyList<string> Problems => problems;

    /// <exception cref="DataFileException">It is missing or of another format.</exception>
    public static CocoReader Read(string path) => new(path);

    /// <exception cref="DataFileException">There are problems; the first is named.</exception>
    public CocoInstances Instances() => problems.Count == 0
        ? new CocoInstances(categories, images, annotations)
        : throw new DataFileException(
            path, problems[0] + (problems.Count > 1 ? $", and {problems.Count - 1} more are wrong" : ""),
            "Mend the annotations, or leave them out of the file; 'kd data verify coco --dir DIR' lists them.");

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new DataFileException(path, $"cannot be read ({Failure.Line(problem)})", Mend, problem);
        }
    }

    private void ReadAll(Stream stream)
    {
        var at = "the file";
        try
        {
            var tokens = new JsonTokens(stream);
            var found = new HashSet<string>();
            tokens.Next();
            tokens.Expect(JsonTokenType.StartObject, "content");
            for (tokens.Next(); tokens.Type == JsonTokenType.PropertyName; tokens.Next())
            {
                (string Name, ReadItem Item)? list = tokens.Is("images"u8) ? ("images", ReadImage)
                    : tokens.Is("categories"u8) ? ("categories", ReadCategory)
                    : tokens.Is("annotations"u8) ? ("annotations", ReadAnnotation) : null;
                tokens.Next();
                if (list is not var (name, item))
                {
                    tokens.Skip();
                    continue;
                }

                at = "the file";
                if (!found.Add(name))
                {
                    throw new KdException($"it has two lists '{name}'");
                }

                tokens.Expect(JsonTokenType.StartArray, $"'{name}'");
                tokens.Next();
                for (var i = 0; tokens.Type != JsonTokenType.EndArray; i++, tokens.Next())
                {
                    at = $"{name}[{i}]";
                    tokens.Expect(JsonTokenType.StartObject, "value");
                    item(ref tokens);
                }
            }

            at = "the file";
            tokens.End();
            if (new[] { "images", "categories", "annotations" }.Except(found).ToList() is { Count: > 0 } missing)
            {
                throw new KdException($"it has no {string.Join(" and no ", missing)}");
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new DataFileException(path, $"cannot be read ({Failure.Line(problem)})", Mend, problem);
        }
        catch (JsonException problem)
        {
            throw new DataFileException(path, $"is no JSON ({Failure.Line(problem)})", Mend, problem);
        }
        catch (KdException problem)
        {
            throw new DataFileException(path, $"is no COCO instances file: of {at}, {problem.Message}", Mend, problem);
        }
    }

    private void ReadCategory(ref JsonTokens tokens)
    {
        var (id, name, super) = (default(long?), default(string), "");
        for (tokens.Next(); tokens.Type != JsonTokenType.EndObject; tokens.Next())
        {
            var key = tokens.Is("id"u8) ? 0 : tokens.Is("name"u8) ? 1 : tokens.Is("supercategory"u8) ? 2 : 3;
            tokens.Next();
            switch (key)
            {
                case 0: id = tokens.Whole("id"); break;
                case 1: name = tokens.Text("name"); break;
                case 2 when tokens.Type == JsonTokenType.String: super = tokens.Text("supercategory"); break;
                default: tokens.Skip(); break;
            }
        }

        categories.Add(new CocoCategory(Needed(id, "id"), name ?? throw Lacks("name"), super));
    }

    private void ReadImage(ref JsonTokens tokens)
    {
        var (id, name, height, width) = (default(long?), default(string), default(long?), default(long?));
        for (tokens.Next(); tokens.Type != JsonTokenType.EndObject; tokens.Next())
        {
            var key = tokens.Is("id"u8) ? 0 : tokens.Is("file_name"u8) ? 1 : tokens.Is("height"u8) ? 2
                : tokens.Is("width"u8) ? 3 : 4;
            tokens.Next();
            switch (key)
            {
                case 0: id = tokens.Whole("id"); break;
                case 1: name = tokens.Text("file_name"); break;
                case 2: height = tokens.Whole("height"); break;
                case 3: width = tokens.Whole("width"); break;
                default: tokens.Skip(); break;
            }
        }

        images.Add(new CocoImage(
            Needed(id, "id"), FileNames.Require(name ?? throw Lacks("file_name")),
            Side(Needed(height, "height"), "height"), Side(Needed(width, "width"), "width")));
    }

    private void ReadAnnotation(ref JsonTokens tokens)
    {
        var (id, image, category, crowd) = (default(long?), default(long?), default(long?), 0L);
        var (box, area, mask) = (default(ImageBox?), default(double?), default(MaskText));
        for (tokens.Next(); tokens.Type != JsonTokenType.EndObject; tokens.Next())
        {
            var key = tokens.Is("id"u8) ? 0 : tokens.Is("image_id"u8) ? 1 : tokens.Is("category_id"u8) ? 2
                : tokens.Is("iscrowd"u8) ? 3 : tokens.Is("bbox"u8) ? 4 : tokens.Is("area"u8) ? 5
                : tokens.Is("segmentation"u8) ? 6 : 7;
            tokens.Next();
            switch (key)
            {
                case 0: id = tokens.Whole("id"); break;
                case 1: image = tokens.Whole("image_id"); break;
                case 2: category = tokens.Whole("category_id"); break;
                case 3: crowd = tokens.Whole("iscrowd"); break;
                case 4: box = CocoValues.Box(ref tokens); break;
                case 5: area = tokens.Real("area"); break;
                case 6: mask = CocoValues.Mask(ref tokens); break;
                default: tokens.Skip(); break;
            }
        }

        var one = new CocoAnnotation(
            Needed(id, "id"), 0, 0, box ?? throw Lacks("bbox"), area ?? throw Lacks("area"), crowd == 1, mask.Shape);
        if (mask.Problem is not null)
        {
            problems.Add($"annotation {one.Id} has no mask that can be read ({mask.Problem.TrimEnd('.')})");
        }
        else if (crowd is not (0 or 1) || !double.IsFinite(one.Area) || one.Area < 0)
        {
            problems.Add(
                $"annotation {one.Id} has the area {one.Area} and iscrowd {crowd}; expected an area from 0, and 0 or 1");
        }

        raw.Add(new RawAnnotation(one, Needed(image, "image_id"), Needed(category, "category_id")));
    }

    // Images and categories may come after the annotations: ids become indices at the end. An entry is let go as soon
    // as its annotation stands in the result, so that none is there twice.
    private CocoAnnotation[] Resolve()
    {
        var byImage = Index(images.Select(image => image.Id), "image");
        categories.Sort((a, b) => a.Id.CompareTo(b.Id));
        var byCategory = Index(categories.Select(category => category.Id), "category");
        var known = new HashSet<long>(raw.Count);
        var result = new CocoAnnotation[raw.Count];
        for (var i = 0; i < raw.Count; i++)
        {
            var (one, image, category) = raw[i];
            var (at, @class) = (byImage.GetValueOrDefault(image, -1), byCategory.GetValueOrDefault(category, -1));
            var wrong = !known.Add(one.Id) ? "comes twice; expected ids of their own"
                : at < 0 ? $"is of image {image}, which is not listed"
                : @class < 0 ? $"has category {category}, which is not listed"
                : one.Shape?.Runs is { } runs && (runs.Height, runs.Width) != (images[at].Height, images[at].Width)
                    ? $"has a mask of {runs.Width}x{runs.Height} pixels, its image {image} has "
                        + $"{images[at].Width}x{images[at].Height}"
                : null;
            if (wrong is not null)
            {
                problems.Add($"annotation {one.Id} {wrong}");
            }

            (result[i], raw[i]) = (one with { Image = at, Class = @class }, default);
        }

        raw.Clear();
        return result;
    }

    private Dictionary<long, int> Index(IEnumerable<long> ids, string what)
    {
        var index = new Dictionary<long, int>();
        foreach (var id in ids)
        {
            if (!index.TryAdd(id, index.Count))
            {
                problems.Add($"{what} {id} comes twice; expected ids of their own");
            }
        }

        return index;
    }

    private static int Side(long pixels, string what) => pixels is >= 1 and <= ushort.MaxValue
        ? (int)pixels
        : throw new KdException($"its {what} is {pixels}; expected 1 to {ushort.MaxValue} pixels");

    private static long Needed(long? value, string key) => value ?? throw Lacks(key);

    private static KdException Lacks(string key) => new($"'{key}' is missing");

    private readonly record struct RawAnnotation(CocoAnnotation One, long Image, long Category);
}
