using KdNotebooks.Data;
using KdNotebooks.Models;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Distillation;

/// <summary>
/// A frozen teacher that sees every batch: evaluation mode, inference mode, batch normalisation folded into the
/// convolutions, in-place activations and channels-last weights.
/// </summary>
/// <remarks>
/// It takes the model over: folding is final, and disposing the teacher disposes the model. What it gives are copies of
/// the captured maps: a student's loss could not keep a tensor of inference mode for its backward pass.
/// </remarks>
public sealed class LiveTeacher : ITeacher
{
    private readonly Module<Tensor, Tensor> model;
    private readonly TapSet taps;

    /// <param name="model">Trained; the teacher owns it from here on.</param>
    /// <param name="paths">
    /// What to capture. A convolution or normalisation that is tapped is computed beside the folded pass, at that cost;
    /// no other output changes by a bit, whatever is captured.
    /// </param>
    /// <param name="image">Shape of one image: [C, H, W].</param>
    public LiveTeacher(Module<Tensor, Tensor> model, IEnumerable<string> paths, params long[] image)
    {
        this.model = model;
        model.eval();
        foreach (var parameter in model.parameters())
        {
            parameter.requires_grad = false;
        }

        taps = new TapSet(model, paths);
        var tapped = taps.Paths.Select(path => (Module)TapSet.Find(model, path)).ToHashSet();
        foreach (var module in model.modules().Prepend(model).Distinct().OfType<IFoldable>())
        {
            module.Fold(tapped);
        }

        ChannelsLast.Apply(model);
        Shapes = taps.Probe(image);
    }

    public IReadOnlyList<string> Paths => taps.Paths;

    public IReadOnlyDictionary<string, long[]> Shapes { get; }

    public IReadOnlyDictionary<string, Tensor> Features(Batch batch, Tensor images) => Features(images);

    /// <inheritdoc cref="ITeacher.Features"/>
    public IReadOnlyDictionary<string, Tensor> Features(Tensor images)
    {
        using var scope = torch.NewDisposeScope();
        using (torch.inference_mode())
        {
            model.call(images);
        }

        var features = Paths.ToDictionary(path => path, path => taps[path].clone().MoveToOuterDisposeScope());
        taps.Clear();
        return features;
    }

    public void Dispose()
    {
        taps.Dispose();
        model.Dispose();
    }
}
