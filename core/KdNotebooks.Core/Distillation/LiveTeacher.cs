using KdNotebooks.Data;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Models.Classification;
using KdNotebooks.Ops;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Distillation;

/// <summary>
/// A frozen teacher that sees every batch: evaluation mode, inference mode, batch normalization folded into the
/// convolutions, in-place activations and channels-last weights.
/// </summary>
/// <remarks>
/// It takes the model over: folding is final, and disposing the teacher disposes the model. What it gives are copies of
/// the captured maps: a student's loss could not keep a tensor of inference mode for its backward pass. A pass goes as
/// deep as the deepest tap and no further: who is held to maps alone does not pay for the teacher's head.
/// </remarks>
public sealed class LiveTeacher : ITeacher
{
    private readonly INetwork network;
    private readonly TapSet taps;
    private readonly IReadOnlyList<(string Name, string Tap, bool Scores)> gives;

    /// <param name="network">Trained; the teacher owns it from here on.</param>
    /// <param name="paths">
    /// What to capture. A convolution or normalization that is tapped is computed beside the folded pass, at that cost;
    /// no other output changes by a bit, whatever is captured. Of a <see cref="ScorePath"/> it gives the scores.
    /// </param>
    /// <param name="image">Shape of one image: [C, H, W].</param>
    public LiveTeacher(INetwork network, IEnumerable<string> paths, params long[] image)
    {
        this.network = network;
        var model = network.Root;
        model.eval();
        foreach (var parameter in model.parameters())
        {
            parameter.requires_grad = false;
        }

        var derived = paths.Distinct().Select(path => (Path: path, Map: network.Derived(path)))
            .Where(entry => entry.Map is not null).ToDictionary(entry => entry.Path, entry => entry.Map!);
        var asked = paths.Where(path => !derived.ContainsKey(path))
            .Concat(derived.Values.SelectMany(map => map.Sources)).Distinct().Select(ScorePath.Parse).ToList();
        taps = new TapSet(network, asked.Select(path => path.Path));
        var tapped = taps.Paths.Select(path => TapSet.Find(model, TapPath.Parse(path).Module)).ToHashSet();
        var norms = taps.Paths.Select(path => (Path: path, Norm: Statistics(TapSet.Find(model, TapPath.Parse(path).Module))))
            .Where(entry => entry.Norm is not null).ToDictionary(entry => entry.Path, entry => entry.Norm!);
        foreach (var module in model.modules().Prepend(model).Distinct().OfType<IFoldable>())
        {
            module.Fold(tapped);
        }

        ChannelsLast.Apply(model);
        var shapes = taps.Probe(image);
        gives = [.. asked.SelectMany(path => shapes.Keys.Where(tap => Means(path.Path, tap)).Select(
            tap => (path.Scores ? ScorePath.Of(tap) : tap, tap, path.Scores))).Distinct()];
        var given = gives.ToDictionary(map => map.Name, map => map.Scores
            ? ScorePath.Shape(map.Tap, shapes[map.Tap]) : shapes[map.Tap]);
        Maps = new TeacherMaps(given, norms)
        {
            Model = model,
            Repeated = taps.Repeated,
            Derived = derived,
        };
    }

    /// <summary>
    /// What it gives, by path; what is made of maps with the student's output is not among it, but these maps are. A module that a pass calls several times gives "path[0]", "path[1]", ...
    /// </summary>
    public IReadOnlyList<string> Paths => [.. Maps.Shapes.Keys];

    public TeacherMaps Maps { get; }

    public IReadOnlyDictionary<string, Tensor> Features(Batch batch)
    {
        using var scope = torch.NewDisposeScope();
        using (torch.inference_mode())
        {
            taps.RunToDeepest(batch);
        }

        var features = gives.ToDictionary(map => map.Name, map =>
            (map.Scores ? ScorePath.Scores(taps[map.Tap]) : taps[map.Tap].clone()).MoveToOuterDisposeScope());
        taps.Clear();
        return features;
    }

    public void Dispose()
    {
        taps.Dispose();
        network.Root.Dispose();
    }

    // "head" stands for "head[0]", "head[1]", ... too.
    private static bool Means(string path, string tap) => tap == path
        || (TapPath.Parse(path).Number is null && TapPath.Parse(tap) is { Number: not null } map && map.Module == path);

    // A normalization's outputs are distributed as its bias and weight say; of a sequence, its last module's are.
    private static ChannelStatistics? Statistics(Module module) => module switch
    {
        BatchNorm2d { weight: { } weight, bias: { } bias } => new(Numbers(bias), Numbers(weight.abs())),
        FrozenBatchNorm2d norm => new(
            Numbers(norm.get_buffer("bias")!), Numbers(norm.get_buffer("weight")!.abs())),
        IEndsInNorm { End: { } end } => Statistics(end),
        Sequential { Count: > 0 } sequence => Statistics((Module)sequence[sequence.Count - 1]),
        _ => null,
    };

    private static float[] Numbers(Tensor channels)
    {
        using var scope = torch.NewDisposeScope();
        return channels.detach().cpu().to(torch.float32).data<float>().ToArray();
    }
}
