using System.Reflection;
using KdNotebooks.Aligners;
using KdNotebooks.Catalogue;
using KdNotebooks.Invariants;
using KdNotebooks.Ops;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Aligners;

/// <summary>What holds for every aligner of the catalogue, as it is when no option is given.</summary>
public sealed class IAlignerTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public static TheoryData<string> Kinds { get; } =
        [.. PartKinds.All[typeof(IAligner)].Select(entry => entry.Kind).Where(kind => kind != "identity")];

    public void Dispose() => scope.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Any_channels_become_the_teachers_and_the_size_stays(string kind)
    {
        foreach (var (s, t) in new[] { (3L, 5L), (5, 5), (6, 4), (1, 3), (3, 1) })
        {
            Assert.Equal([2, t, 4, 6], New(kind).Build(s, t).call(Wave.Single(2, s, 4, 6)).shape);
            Assert.Equal([2, t, 1, 1], New(kind).Build(s, t).call(Wave.Single(2, s, 1, 1)).shape);
        }
    }

    // What is exact is computed in double precision, which oneDNN leaves alone: in the plain layout its 3x3 convolutions
    // of singles read past the channels that there are (seen here with libtorch 2.10.0).
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Channels_last_in_single_precision_gives_the_exact_map_and_gradient(string kind)
    {
        foreach (var (s, t) in new[] { (3L, 5L), (5, 5), (6, 4), (20, 24) })
        {
            var (exact, laid) = (Filled(kind, s, t, torch.float64), Filled(kind, s, t, torch.float32));
            ChannelsLast.Apply(laid);
            var (map, weights) = (Wave.Of([2, s, 4, 6]), Wave.Of([2, t, 4, 6], 0.9));
            var laidMap = ChannelsLast.Of(map.to(torch.float32)).requires_grad_(true);
            map.requires_grad_(true);
            var (expected, came) = (exact.call(map), laid.call(laidMap));
            TensorAssert.Near(expected, came.to(torch.float64), 1e-5);
            (expected * weights).sum().backward();
            (came * weights.to(torch.float32)).sum().backward();
            TensorAssert.Near(map.grad!, laidMap.grad!.to(torch.float64), 1e-4);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Gradients_reach_every_parameter_and_the_map(string kind)
    {
        var (module, map) = (Filled(kind, 3, 5, torch.float64), Wave.Of([3, 3, 4, 6]).requires_grad_(true));
        // Weighted: without, a normalization would leave nothing to learn.
        (module.call(map) * Wave.Of([3, 5, 4, 6], 0.9)).square().sum().backward();
        Assert.NotEmpty(module.parameters());
        Assert.All(
            module.parameters().Append(map), x => Assert.True(x.grad!.abs().max().ToDouble() > 1e-6, x.ToString()));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Positions_may_be_permuted_before_or_after_where_that_is_claimed(string kind)
    {
        var claims = New(kind).GetType().GetCustomAttribute<AboutAttribute>()!.Claims;
        var (module, map) = (Filled(kind, 3, 5, torch.float64), Wave.Of([2, 3, 4, 6]));
        var (order, positions) = (RandomStream.Of(1), Enumerable.Range(0, 24).ToArray());
        order.Shuffle(positions);
        Tensor Permuted(Tensor x) => x.flatten(2).index_select(2, torch.tensor(positions)).view(2, -1, 4, 6);
        var (before, after) = (module.call(Permuted(map)), Permuted(module.call(map)));
        Assert.Equal(
            claims.HasFlag(Claim.PositionWise),
            (before - after).abs().max().ToDouble() < 1e-12 * after.abs().max().ToDouble());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void No_tensor_outlives_a_pass_but_its_output(string kind)
    {
        var statistics = DisposeScopeManager.Statistics;
        foreach (var training in new[] { true, false })
        {
            var (module, map) = (New(kind).Build(3, 5), Wave.Single(2, 3, 4, 4).requires_grad_(true));
            module.train(training);
            module.call(map).Dispose(); // handles that a module makes on first use
            var before = statistics.ThreadTotalLiveCount;
            var output = module.call(map);
            Assert.Equal(before + 1, statistics.ThreadTotalLiveCount);
            output.Dispose();
            Assert.Equal(before, statistics.ThreadTotalLiveCount);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Its_word_begins_its_name(string kind) =>
        Assert.StartsWith(kind == "channel-mlp" ? "mlp-1" : kind, New(kind).Name);

    // With weights that do not depend on a generator, and without a mask.
    private static Module<Tensor, Tensor> Filled(string kind, long s, long t, torch.ScalarType type)
    {
        var module = Wave.Fill(New(kind).Build(s, t)).to(type);
        module.train(kind != "masked");
        return (Module<Tensor, Tensor>)module;
    }

    private static IAligner New(string kind) => (IAligner)PartTable.Aligners[kind].Create();
}
