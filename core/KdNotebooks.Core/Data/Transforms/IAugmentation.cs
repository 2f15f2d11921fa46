using System.Text.Json.Serialization;
using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>
/// How training images are changed, as a pure function of seed, view and sample: whoever asks again, in whatever order,
/// gets the same image, so that cached teacher features can never disagree with it. A value: it round-trips through JSON
/// and takes part in a recipe's hash.
/// </summary>
/// <remarks>
/// It knows no task: where it moves pixels it hands the target the same <see cref="ImageWindow"/>, and the target moves
/// what it says of places. Several are put together by <see cref="Chain"/>, the one rule of composition.
/// </remarks>
public interface IAugmentation
{
    /// <summary>
    /// How many different views each image has over the passes. 0 means a new one every pass; V &gt; 0 means that pass e
    /// uses view (e - 1) mod V, so that V passes of the teacher serve any number of epochs.
    /// </summary>
    int Views { get; }

    /// <summary>Null means the run's seed; a number gives several runs the same images.</summary>
    int? Seed { get; }

    /// <summary>Whether every view of an image is the image itself.</summary>
    bool IsNone { get; }

    /// <summary>
    /// Everything that decides the pixels of a view, beside the image and the seed: what a cache on disk is told apart by.
    /// The default is the value's own text.
    /// </summary>
    string Key => $"{this}";

    /// <summary>The size of what comes out; null (the default where it is not known) where that may differ.</summary>
    /// <param name="image">The size that every image has; null where they may differ.</param>
    ImageSize? SizeOf(ImageSize? image) => image;

    /// <summary>The augmentations that it is made of, the first first: itself, unless it is several.</summary>
    [JsonIgnore] // .NET Interactive writes values as they stand, and this would have no end
    IReadOnlyList<IAugmentation> Steps => [this];

    /// <summary>Refuses, before training, options that do not go together. The default refuses nothing.</summary>
    /// <exception cref="KdException">An option is out of its range.</exception>
    void RequireSound()
    {
    }

    /// <summary>One view of one sample.</summary>
    /// <param name="draw">What it draws its numbers from, and where the pixels may be written.</param>
    Sample Apply(Sample sample, Draw draw);

    /// <summary>The view that a pass uses, from 0; always 0 where nothing is changed.</summary>
    /// <param name="epoch">The pass, counted from 1.</param>
    /// <exception cref="KdException">A pass below 1.</exception>
    int View(int epoch)
    {
        if (epoch < 1)
        {
            throw new KdException($"{GetType().Name}: epoch {epoch} came; epochs are counted from 1.");
        }

        return IsNone ? 0 : Views == 0 ? epoch - 1 : (epoch - 1) % Views;
    }
}
