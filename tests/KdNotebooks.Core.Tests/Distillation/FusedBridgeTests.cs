using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Ops;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Distillation;

public sealed class FusedBridgeTests : IDisposable
{
    private static readonly Dictionary<string, long[]> Ours =
        new() { ["s1"] = [3, 8, 6], ["s2"] = [5, 4, 3], ["s3"] = [4, 2, 2], ["flat"] = [4] };

    private static readonly Dictionary<string, long[]> Theirs =
        new() { ["t1"] = [6, 8, 6], ["t2"] = [4, 4, 3], ["t3"] = [7, 2, 2] };

    private static readonly FusedConnection Three =
        new([new("s1", "t1"), new("s2", "t2"), new("s3", "t3")], new L2Loss(), 5);

    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Every_stage_takes_the_teachers_shape() => Assert.Equal(
        [[2, 6, 8, 6], [2, 4, 4, 3], [2, 7, 2, 2]], Build(Three).call(Maps(Ours)).Select(output => output.shape));

    [Fact]
    public void What_the_deeper_stages_know_goes_up_and_never_down()
    {
        var bridge = Build(Three);
        for (var stage = 0; stage < 3; stage++)
        {
            var maps = Maps(Ours).Select(map => map.requires_grad_(true)).ToList();
            var output = bridge.call(maps)[stage];
            (output * Wave.Of(output.shape, 0.7)).sum().backward();
            Assert.Equal(
                Enumerable.Range(0, 3).Select(i => i >= stage),
                maps.Select(map => map.grad is not null && map.grad.abs().sum().ToDouble() > 1e-6));
        }
    }

    [Fact]
    public void It_is_a_chain_of_fusions_from_the_deepest_on()
    {
        var (bridge, maps) = (Build(Three), Maps(Ours));
        AttentionFusion Fusion(int at, long student, long teacher)
        {
            var fusion = new AttentionFusion(student, 4, teacher, deepest: at == 2);
            fusion.to(torch.float64);
            fusion.load_state_dict(bridge.state_dict().Where(entry => entry.Key.StartsWith($"fusion{at}."))
                .ToDictionary(entry => entry.Key[8..], entry => entry.Value));
            return fusion;
        }

        var (third, up) = Fusion(2, 4, 7).call(maps[2], null);
        var (second, further) = Fusion(1, 5, 4).call(maps[1], up);
        var (first, _) = Fusion(0, 3, 6).call(maps[0], further);
        var outputs = bridge.call(maps);
        TensorAssert.Near(first, outputs[0], 1e-12);
        TensorAssert.Near(second, outputs[1], 1e-12);
        TensorAssert.Near(third, outputs[2], 1e-12);
    }

    [Theory]
    [InlineData(null, 40, 40)]
    [InlineData(null, 600, 512)]
    [InlineData(9, 600, 9)]
    public void Stages_are_fused_in_the_deepest_students_channels_or_as_many_as_are_set(int? mid, long deepest, long channels)
    {
        var ours = new Dictionary<string, long[]>(Ours) { ["s3"] = [deepest, 2, 2] };
        var bridge = new FusedBridge(Three with { Mid = mid }, ours, new TeacherMaps(Theirs));
        Assert.All(Enumerable.Range(0, 3), stage => Assert.Equal(
            channels, bridge.get_parameter($"fusion{stage}.reduce.0.weight")!.shape[0]));
    }

    [Fact]
    public void The_losses_of_the_stages_are_summed_and_no_gradient_goes_to_the_teacher()
    {
        var (bridge, ours) = (Build(Three), Maps(Ours));
        var theirs = Maps(Theirs, "t").Select(map => map.requires_grad_(true)).ToList();
        var loss = bridge.Compare(ours, theirs, Whole(ours));
        var sum = bridge.call(ours).Zip(theirs, (s, t) => (s - t).square().mean().ToDouble()).Sum();
        Assert.Equal(sum, loss.ToDouble(), 1e-12 * sum);
        loss.backward();
        Assert.All(theirs, map => Assert.Null(map.grad));
        Assert.All(bridge.parameters(), weight => Assert.NotNull(weight.grad));
    }

    [Fact]
    public void A_loss_with_weights_of_its_own_is_built_for_each_stage()
    {
        var bridge = Build(Three with { Loss = new VidLoss() });
        Assert.Equal(
            ["criterion0.rho", "criterion1.rho", "criterion2.rho"],
            bridge.named_parameters().Select(entry => entry.name)
                .Where(name => name.StartsWith("criterion", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        bridge.Compare(Maps(Ours), Maps(Theirs, "t"), Whole(Maps(Ours))).backward();
        Assert.True(bridge.get_parameter("criterion1.rho")!.grad!.abs().sum().ToDouble() > 0);
    }

    [Fact]
    public void Its_convolutions_lie_channels_last()
    {
        var weight = new FusedBridge(Three, Ours, new TeacherMaps(Theirs)).get_parameter("fusion0.expand.0.weight")!;
        Assert.Equal([6, 4, 3, 3], weight.shape);
        TensorAssert.Same(weight, ChannelsLast.Of(weight));
        Assert.Equal([36, 1, 12, 4], weight.stride());
    }

    [Fact]
    public void One_tensor_comes_out_and_none_stays_behind()
    {
        var statistics = DisposeScopeManager.Statistics;
        var (bridge, ours, theirs) = (Build(Three), Maps(Ours), Maps(Theirs, "t"));
        var batch = Whole(ours);
        bridge.Compare(ours, theirs, batch);
        var before = statistics.ThreadTotalLiveCount;
        bridge.Compare(ours, theirs, batch);
        Assert.Equal(before + 1, statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void What_lies_outside_of_padded_images_is_not_compared()
    {
        var (bridge, ours, theirs) = (Build(Three), Maps(Ours), Maps(Theirs, "t"));
        var padded = Whole(ours) with { Sizes = [.. Whole(ours).Sizes.Select(size => size with { Width = size.Width / 2 })] };
        var before = bridge.Compare(ours, theirs, padded).ToDouble();
        theirs.ForEach(map => map.narrow(3, map.shape[3] - (map.shape[3] / 2), map.shape[3] / 2).fill_(100));

        Assert.Equal(before, bridge.Compare(ours, theirs, padded).ToDouble(), 1e-12);
        Assert.True(bridge.Compare(ours, theirs, Whole(ours)).ToDouble() > 10 * before);
    }

    public static TheoryData<FusedConnection, string, string> Wrong { get; } = new()
    {
        { Three with { Stages = [Three.Stages[0]] }, "1 stage(s) came; expected at least two", "use a Connection" },
        { Three with { Stages = [] }, "0 stage(s) came", "expected at least two" },
        { Three with { Mid = 0 }, "mid is 0", "expected at least 1 channel" },
        { Stages("s1 t1", "s2 t3"), "'s2' [5, 4, 3] and the teacher's 't3' [7, 2, 2]", "differ in size" },
        { Stages("s2 t2", "s1 t1"), "'s1' [3, 8, 6] is larger than 's2' [5, 4, 3]", "from shallow to deep" },
        { Stages("s1 t1", "flat t2"), "Tap 'flat' gives [4]", "needs a map [C, H, W]" },
        { Stages("s1 t1", "s2 t9"), "The teacher gives nothing at 't9'", "'t1', 't2', 't3'" },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void What_cannot_be_fused_is_refused_with_both_shapes(FusedConnection wrong, string what, string mend)
    {
        var message = Assert.Throws<KdException>(() => new FusedBridge(wrong, Ours, new TeacherMaps(Theirs))).Message;
        Assert.StartsWith($"Review '{wrong.Name}': ", message);
        Assert.Contains(what, message);
        Assert.Contains(mend, message);
    }

    private static FusedConnection Stages(params string[] pairs) => Three with
    {
        Stages = [.. pairs.Select(pair => new Stage(pair.Split(' ')[0], pair.Split(' ')[1]))],
    };

    private static FusedBridge Build(FusedConnection connection)
    {
        var bridge = new FusedBridge(connection, Ours, new TeacherMaps(Theirs));
        bridge.to(torch.float64);
        return Wave.Fill(bridge);
    }

    private static List<Tensor> Maps(Dictionary<string, long[]> shapes, string letter = "s") =>
        [.. Enumerable.Range(1, 3).Select(i => Wave.Of([2, .. shapes[$"{letter}{i}"]], 0.3 + (0.2 * i)))];

    private static Batch Whole(List<Tensor> maps) =>
        Batch.Of(torch.zeros(maps[0].shape[0], 1, 2 * maps[0].shape[2], 2 * maps[0].shape[3]));
}
