using System.Text.Json.Serialization;
using KdNotebooks.Data;
using KdNotebooks.Masks;
using KdNotebooks.Metrics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Datasets;

/// <summary>
/// Instances in COCO's JSON: images, categories, and one annotation an object with box, area and mask. Lin et al. 2014
/// (arXiv:1405.0312); the format is that of <c>instances_train2017.json</c>.
/// </summary>
public sealed class CocoInstances
{
    private readonly Dictionary<long, int> images, classes;
    private readonly int[] order, starts;

    /// <param name="categories">In any order; classes count in the order of their ids.</param>
    /// <param name="images">In their order.</param>
    /// <param name="annotations">With indices into both; classes count in the order of the categories' ids.</param>
    /// <exception cref="KdException">Ids that come twice, or an index without image or category.</exception>
    public CocoInstances(
        IEnumerable<CocoCategory> categories, IReadOnlyList<CocoImage> images,
        IReadOnlyList<CocoAnnotation> annotations)
    {
        Categories = [.. categories.OrderBy(category => category.Id)];
        (Images, Annotations) = (images, annotations);
        classes = Index(Categories, category => category.Id, "category");
        this.images = Index(images, image => image.Id, "image");
        (order, starts) = (new int[annotations.Count], new int[images.Count + 1]);
        foreach (var one in annotations)
        {
            RequireIndex(one);
            starts[one.Image + 1]++;
        }

        for (var i = 0; i < images.Count; i++)
        {
            starts[i + 1] += starts[i];
        }

        var next = starts[..^1];
        for (var i = 0; i < annotations.Count; i++)
        {
            order[next[annotations[i].Image]++] = i;
        }

        var degenerate = annotations.Where(one => Within(one) is null).Select(one => one.Id).ToList();
        Degenerate = new DegenerateBoxes(degenerate.Count, [.. degenerate.Take(10)]);
    }

    /// <summary>In the order of their ids: a class is an index into them.</summary>
    public IReadOnlyList<CocoCategory> Categories { get; }

    /// <summary>In the file's order; those without an annotation too.</summary>
    [JsonIgnore]
    public IReadOnlyList<CocoImage> Images { get; }

    /// <summary>All of them as they are in the file, in its order.</summary>
    [JsonIgnore]
    public IReadOnlyList<CocoAnnotation> Annotations { get; }

    /// <summary>Annotations that are in <see cref="AnnotationsOf"/>, and on which nothing can be trained.</summary>
    public DegenerateBoxes Degenerate { get; }

    /// <summary>
    /// Annotations whose box has a width and a height, and no pixel of its image: their coordinates are of another image or
    /// another scale. They are in <see cref="Degenerate"/> too; who trains refuses them.
    /// </summary>
    internal IEnumerable<CocoAnnotation> Outside => Annotations.Where(one =>
        one.Box is { IsFinite: true, Width: > 0, Height: > 0 } && Within(one) is null);

    /// <summary>
    /// Annotations whose box leaves its image by more than a pixel, which may be a mistake: they stay as they are.
    /// </summary>
    internal IReadOnlyList<CocoAnnotation> Beyond =>
    [
        .. Annotations.Where(one => Within(one) is not null && (one.Box.Left < -1 || one.Box.Top < -1
            || one.Box.Right > Images[one.Image].Width + 1 || one.Box.Bottom > Images[one.Image].Height + 1)),
    ];

    /// <summary>One a class.</summary>
    public IReadOnlyList<string> ClassNames => [.. Categories.Select(category => category.Name)];

    /// <summary>Reads a file in one go, whatever the order of its keys; unknown keys are passed over.</summary>
    /// <exception cref="DataFileException">
    /// It is missing or of another format; or an id comes twice, an annotation's image or category is not listed, or
    /// its mask is of another size than its image: the annotation's id is named.
    /// </exception>
    public static CocoInstances Read(string path) => CocoReader.Read(path).Instances();

    /// <summary>The class of a category.</summary>
    /// <exception cref="KdException">There is no such category.</exception>
    public int ClassOf(long category) => classes.TryGetValue(category, out var index) ? index : throw new KdException(
        $"Category {category} is not listed; expected one of {KnownCategories}.");

    /// <summary>Where the image with an id is in <see cref="Images"/>; -1 where it is not.</summary>
    public int IndexOf(long image) => images.GetValueOrDefault(image, -1);

    /// <summary>An image's annotations, in the file's order.</summary>
    public IReadOnlyList<CocoAnnotation> AnnotationsOf(int image) =>
        [.. order[starts[image]..starts[image + 1]].Select(i => Annotations[i])];

    /// <summary>The part of an annotation's box that is in its image; null for a degenerate box.</summary>
    public ImageBox? Within(CocoAnnotation annotation)
    {
        var (box, image) = (annotation.Box, Images[annotation.Image]);
        var (left, top) = (Math.Max(box.Left, 0), Math.Max(box.Top, 0));
        var (right, bottom) = (Math.Min(box.Right, image.Width), Math.Min(box.Bottom, image.Height));
        return box is { IsFinite: true, Width: > 0, Height: > 0 } && right > left && bottom > top
            ? ImageBox.OfCorners(left, top, right, bottom)
            : null;
    }

    /// <summary>Images to train on: those with an object that is no crowd and whose box is not degenerate.</summary>
    public IReadOnlyList<int> WithObjects() =>
        [
            .. Annotations.Where(one => !one.Crowd && Within(one) is not null)
                .Select(one => one.Image).Distinct().Order(),
        ];

    /// <summary>What <see cref="CocoEvaluation"/> compares with: every annotation as it is in the file. (A box of
    /// NaN is an empty one.)</summary>
    /// <param name="region">Masks are made of polygons only where they are measured.</param>
    /// <exception cref="KdException">An annotation has no mask, where masks are measured.</exception>
    public IReadOnlyList<TrueObject> TruthsOf(int image, CocoRegion region)
    {
        var (height, width) = (Images[image].Height, Images[image].Width);
        return
        [
            .. AnnotationsOf(image).Select(one => new TrueObject(
                one.Class, one.Box.IsFinite ? one.Box : default, one.Area, one.Crowd,
                region == CocoRegion.Mask ? MaskOf(one, height, width) : null)),
        ];
    }

    /// <summary>Writes COCO's JSON.</summary>
    /// <exception cref="KdException">The file cannot be written.</exception>
    public void Write(string path) => AtomicFile.Write(path, stream => CocoWriter.Write(stream, this));

    public override string ToString() =>
        $"{Annotations.Count} instances of {Categories.Count} classes in {Images.Count} images";

    /// <summary>"2 boxes leave their image by more than a pixel: annotations 17, 4".</summary>
    internal static string Say(IReadOnlyList<CocoAnnotation> beyond) =>
        $"{beyond.Count} boxes leave their image by more than a pixel: annotations "
        + string.Join(", ", beyond.Take(10).Select(one => one.Id)) + (beyond.Count > 10 ? ", ..." : "");

    /// <summary>How many annotations an image has.</summary>
    internal int CountOf(int image) => starts[image + 1] - starts[image];

    internal string KnownCategories => string.Join(", ", Categories.Take(10).Select(category => category.Id))
        + (Categories.Count > 10 ? $", ... {Categories[^1].Id}" : "");

    private static RunLength MaskOf(CocoAnnotation one, int height, int width) =>
        one.Shape?.Mask(height, width) ?? throw new KdException(
            $"Annotation {one.Id} has no mask; expected polygons or run lengths as its segmentation where masks are "
            + "measured.");

    private static Dictionary<long, int> Index<T>(IReadOnlyList<T> items, Func<T, long> idOf, string what)
    {
        var index = new Dictionary<long, int>(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            if (!index.TryAdd(idOf(items[i]), i))
            {
                throw new KdException($"{what} {idOf(items[i])} comes twice; expected ids of their own.");
            }
        }

        return index;
    }

    private void RequireIndex(CocoAnnotation one)
    {
        if (one.Image < 0 || one.Image >= Images.Count || one.Class < 0 || one.Class >= Categories.Count)
        {
            throw new KdException(
                $"Annotation {one.Id} is of image {one.Image} and class {one.Class}; expected indices below "
                + $"{Images.Count} and {Categories.Count}.");
        }
    }
}
