using KdNotebooks.Data;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;

namespace KdNotebooks.Analysis;

/// <summary>The maps of one image at one place, as plain numbers.</summary>
/// <param name="Values">[C, H, W], row-major.</param>
public sealed record FeatureMap(int Channels, int Height, int Width, IReadOnlyList<float> Values)
{
    /// <summary>The numbers of one channel, [H, W].</summary>
    public IReadOnlyList<float> Channel(int channel) =>
        [.. Values.Skip(channel * Height * Width).Take(Height * Width)];

    /// <summary>Whether both have as many channels of one size, so that they can be subtracted.</summary>
    public bool FitsOn(FeatureMap other) => (Channels, Height, Width) == (other.Channels, other.Height, other.Width);

    /// <summary>The shape as text: "[96, 7, 7]".</summary>
    public string Shape => $"[{Channels}, {Height}, {Width}]";

    // [1, C, H, W], or [1, C] as maps of one position
    internal static FeatureMap Of(Tensor map)
    {
        using var scope = torch.NewDisposeScope();
        var values = map.detach().cpu().to(torch.float32).contiguous();
        var (height, width) = map.dim() == 4 ? ((int)map.shape[2], (int)map.shape[3]) : (1, 1);
        return new((int)map.shape[1], height, width, values.data<float>().ToArray());
    }
}

/// <summary>What stands on both sides of one connection for one image.</summary>
/// <param name="Connection">"layer3 mlp-1 l2".</param>
/// <param name="Transformed">The student's map through its trained aligner: what the loss compares.</param>
public sealed record ConnectionMaps(string Connection, FeatureMap Teacher, FeatureMap Student, FeatureMap Transformed);

/// <summary>The maps of one image at every connection of a run.</summary>
/// <param name="Run">"mlp-1, seed 1".</param>
/// <param name="Index">Of the image in its split.</param>
/// <param name="Image">As it is shown, with what is true of it below.</param>
public sealed record ImageMaps(
    string Run, string Split, int Index, GridImage Image, IReadOnlyList<ConnectionMaps> Connections)
{
    /// <summary>What is true of the image, in words: the name of its class, or of those in it.</summary>
    public string Label => Image.Label;

    /// <summary>The teacher's, the student's and the transformed student's maps of one image.</summary>
    /// <param name="index">Of the image, from 0.</param>
    /// <param name="split">
    /// "test", "validation" or "train"; null is "test", or "validation" where the test labels are not published.
    /// </param>
    /// <exception cref="KdException">The run has no connection between maps, or the split no such image.</exception>
    internal static ImageMaps Of(TrainedRun run, int index, string split)
    {
        var images = run.Task.Data.SplitNamed(split);
        if (index < 0 || index >= images.Count)
        {
            throw new KdException(
                $"Run '{run.Name}': image {index} was asked for, but the {images.Count} {split} images are 0 to "
                + $"{images.Count - 1}.");
        }

        using var scope = torch.NewDisposeScope();
        using var models = new BridgedModels(run, SplitImages.Shape(images, index));
        using var inference = torch.inference_mode();
        var maps = models.Maps(BatchLoader.Unchanged(images, run.Task.Limits, [index]).Single()).Select(at => new ConnectionMaps(
            at.Connection.Name, FeatureMap.Of(at.Teacher), FeatureMap.Of(at.Student), FeatureMap.Of(at.Transformed)));
        var (sample, pictures) = (images.Load(index), run.Task.Pictures);
        return new ImageMaps(
            run.Name, split, index, pictures.Image(sample) with { Label = pictures.Truth(sample).Words }, [.. maps]);
    }

    public override string ToString() => string.Join('\n', Connections.Select(at =>
        $"{at.Connection}: teacher {at.Teacher.Shape}, student {at.Student.Shape}, transformed {at.Transformed.Shape}")
        .Prepend($"{Run}: maps of {Split} image {Index}, {Label}"));
}
