using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Distillation;

public sealed class DistillerTests : IDisposable
{
    private static readonly Dictionary<string, long[]> Shapes =
        new() { ["t"] = [6, 4, 5], ["same"] = [4, 4, 5], [""] = [3] };

    private readonly DisposeScope scope = torch.NewDisposeScope();
    private readonly Module<Tensor, Tensor> student = Tiny.Classifier();
    private readonly Tensor images;
    private readonly Batch batch;
    private readonly Dictionary<string, Tensor> teacher;

    public DistillerTests()
    {
        images = torch.randn(2, 1, 4, 5);
        batch = Tiny.Batch(images, torch.tensor(new long[] { 2, 0 }));
        teacher = new()
        {
            ["t"] = torch.randn(2, 6, 4, 5),
            ["same"] = torch.randn(2, 4, 4, 5),
            [""] = torch.randn(2, 3),
        };
    }

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(KdNotebooks.Losses.Reduction.Mean, 160)] // 2 x 4 x 4 x 5
    [InlineData(KdNotebooks.Losses.Reduction.SumPerBatch, 2)]
    public void A_term_is_alpha_times_its_loss(KdNotebooks.Losses.Reduction reduction, int divisor)
    {
        using var distiller = Build(
            null, new Connection("body", "same", new Identity(), new L2Loss(reduction), 2.5));
        var (output, terms) = distiller.Forward(batch, teacher, 1);
        var body = ((Module<Tensor, Tensor>)TapSet.Find(student, "body")).call(images);
        var expected = body.Numbers().Zip(teacher["same"].Numbers(), (s, t) => ((double)s - t) * (s - t)).Sum();
        Assert.Equal("body to same l2", Assert.Single(terms).Name);
        Assert.Equal(2.5 * expected / divisor, terms[0].Value.item<float>(), 1e-5 * expected / divisor);
        Assert.Equal([2, 3], output.Logits().shape);
    }

    [Fact]
    public void Logits_are_held_to_the_teachers_with_their_weight()
    {
        using var distiller = Build(new LogitConnection(new KdLoss(2), 0.5));
        var (output, terms) = distiller.Forward(batch, teacher, 1);
        var (s, t) = (output.Logits().Numbers(), teacher[""].Numbers());
        var divergence = Enumerable.Range(0, 2).Sum(i =>
        {
            var (p, q) = (Softened(t[(3 * i)..][..3]), Softened(s[(3 * i)..][..3]));
            return p.Zip(q, (a, b) => a * Math.Log(a / b)).Sum();
        });
        Assert.Equal("logits kd", Assert.Single(terms).Name);
        Assert.Equal(0.5 * 4 * divergence / 2, terms[0].Value.item<float>(), 1e-5);
        Assert.True(distiller.NeedsTeacher);

        static double[] Softened(float[] logits)
        {
            var powers = logits.Select(x => Math.Exp(x / 2.0)).ToArray();
            return [.. powers.Select(x => x / powers.Sum())];
        }
    }

    [Fact]
    public void A_student_alone_has_no_terms_and_asks_for_no_teacher()
    {
        using var distiller = Build(null);
        var (output, terms) = distiller.Forward(batch, new Dictionary<string, Tensor>(), 1);
        Assert.False(distiller.NeedsTeacher);
        Assert.Empty(terms);
        Assert.Equal(student.call(images).Numbers(), output.Logits().Numbers());
        Assert.Equal(student.parameters(), distiller.Parameters());
    }

    [Fact]
    public void Two_connections_from_one_map_and_the_logits_are_three_terms()
    {
        var (first, second) = (Feature("t", new ChannelMlp()), Feature("same", new Identity()) with { Alpha = 3 });
        using var distiller = Build(new LogitConnection(new KdLoss(), 1), first, second);
        var (_, terms) = distiller.Forward(batch, teacher, 1);
        Assert.Equal(["body to t mlp-1 l2", "body to same l2", "logits kd"], terms.Select(term => term.Name));
        using var alone = Build(null, second);
        Assert.Equal(alone.Forward(batch, teacher, 1).Terms[0].Value.item<float>(), terms[1].Value.item<float>());
    }

    [Fact]
    public void Gradients_reach_the_student_up_to_the_tap_and_the_aligner_but_no_teacher()
    {
        using var distiller = Build(null, Feature("t", new ChannelMlp()));
        teacher["t"].requires_grad = true;
        distiller.Forward(batch, teacher, 1).Terms[0].Value.backward();
        Assert.Null(teacher["t"].grad);
        Assert.Equal(4, distiller.Aligners.parameters().Count(weight => weight.grad is not null));
        Assert.True(student.get_parameter("body.conv.weight")!.grad!.abs().sum().item<float>() > 0);
        Assert.Null(student.get_parameter("fc.weight")!.grad);
    }

    [Fact]
    public void What_is_trained_is_the_student_and_the_aligners()
    {
        using var distiller = Build(null, Feature("t", new Linear()), Feature("t", new ChannelMlp()));
        Assert.Equal(
            [
                "0.aligner.0.bias", "0.aligner.0.weight",
                "1.aligner.0.bias", "1.aligner.0.weight", "1.aligner.2.bias", "1.aligner.2.weight",
            ],
            distiller.Aligners.state_dict().Keys.Order(StringComparer.Ordinal));
        Assert.Equal(student.parameters().Concat(distiller.Aligners.parameters()), distiller.Parameters());
        Assert.Equal(6, student.parameters().Count());
    }

    [Fact]
    public void A_review_is_one_term_with_its_weight_and_warm_up_between_the_others()
    {
        var review = new FusedConnection([new("body", "same"), new("drop", "t")], new L2Loss(), 2.5, WarmUp: 4);
        using var distiller = new Distiller(
            Network.Of(student), Tiny.Task,
            new Guidance([Feature("t", new Linear())], new LogitConnection(new KdLoss(), 1), review),
            new TeacherMaps(Shapes), Tiny.Image);
        var terms = Enumerable.Range(1, 5).Select(epoch => distiller.Forward(batch, teacher, epoch).Terms).ToList();
        Assert.Equal(["body to t linear l2", "body+drop to same+t review l2", "logits kd"], terms[0].Select(term => term.Name));
        var full = terms[4][1].Value.item<float>();
        Assert.Equal(full, terms[3][1].Value.item<float>(), 1e-5 * full);
        Assert.Equal(full / 4, terms[0][1].Value.item<float>(), 1e-5 * full);

        using var bridge = new FusedBridge(
            review with { Alpha = 77 }, new Dictionary<string, long[]> { ["body"] = [4, 4, 5], ["drop"] = [4, 4, 5] },
            new TeacherMaps(Shapes));
        bridge.load_state_dict(distiller.Aligners.state_dict().Where(entry => entry.Key.StartsWith("fused."))
            .ToDictionary(entry => entry.Key[6..], entry => entry.Value));
        var body = ((Module<Tensor, Tensor>)TapSet.Find(student, "body")).call(images);
        var fused = bridge.Compare([body, body], [teacher["same"], teacher["t"]], batch).item<float>();
        Assert.Equal(2.5 * fused, full, 1e-5 * full);
    }

    [Fact]
    public void A_review_alone_needs_a_teacher_and_is_trained_beside_the_student()
    {
        var review = new FusedConnection([new("body", "same"), new("drop", "t")], new L2Loss(), 1);
        using var distiller = new Distiller(
            Network.Of(student), Tiny.Task, new Guidance([], null, review), new TeacherMaps(Shapes), Tiny.Image);
        Assert.True(distiller.NeedsTeacher);
        Assert.Equal(student.parameters().Concat(distiller.Aligners.parameters()), distiller.Parameters());
        // Two of 1x1 and 3x3 with their normalizations, and one attention.
        Assert.Equal((2 * 6) + 2, distiller.Aligners.parameters().Count());
        Assert.Single(distiller.Forward(batch, teacher, 1).Terms).Value.backward();
        Assert.All(distiller.Aligners.parameters(), weight => Assert.NotNull(weight.grad));
        Assert.True(student.get_parameter("body.conv.weight")!.grad!.abs().sum().item<float>() > 0);
    }

    [Fact]
    public void Paths_that_are_not_there_are_named()
    {
        Assert.Contains("the nearest is 'body'", Refused(Feature("t", new Linear()) with { Student = "bod" }));
        Assert.Contains(
            "The teacher gives nothing at 'layer9'; it gives: 't', 'same', ''",
            Refused(Feature("layer9", new Linear())));
    }

    [Fact]
    public void A_head_that_two_levels_share_is_held_to_the_teachers_level_by_level()
    {
        using var live = new LiveTeacher(new TwoLevels(6), ["head", "body"], Tiny.Image);
        var small = new TwoLevels(4);
        var head = new Connection("head", "head", new Linear(), new L2Loss(), 2);
        using var distiller = new Distiller(small, Tiny.Task, new Guidance([head]), live.Maps, Tiny.Image);
        Assert.Equal(["head[0] linear l2", "head[1] linear l2"], Terms(distiller).Select(term => term.Name));
        Assert.Equal(
            ["0.aligner.0.bias", "0.aligner.0.weight", "1.aligner.0.bias", "1.aligner.0.weight"],
            distiller.Aligners.state_dict().Keys.Order(StringComparer.Ordinal));

        using var second = new Distiller(
            small, Tiny.Task, new Guidance([head with { Student = "head[1]", Teacher = "head[1]" }]), live.Maps, Tiny.Image);
        second.Aligners.load_state_dict(distiller.Aligners.state_dict().Where(entry => entry.Key[0] == '1')
            .ToDictionary(entry => $"0{entry.Key[1..]}", entry => entry.Value));
        Assert.Equal(
            Terms(distiller)[1].Value.item<float>(), Assert.Single(Terms(second)).Value.item<float>());

        Assert.Contains(
            "Connection from student 'head' to teacher 'body': one pass gives 2 map(s) there (it is called 2 "
            + "times) and 1; expected as many, or a "
            + "path that says which: 'head[0]'.",
            Assert.Throws<KdException>(() => new Distiller(
                small, Tiny.Task, new Guidance([head with { Teacher = "body" }]), live.Maps, Tiny.Image)).Message);

        var before = Terms(distiller).Select(term => term.Value.item<float>()).ToList();
        small.BreaksOff = true;
        Assert.Throws<InvalidOperationException>(() => Terms(distiller));
        small.BreaksOff = false;
        Assert.Equal(before, Terms(distiller).Select(term => term.Value.item<float>())); // no map of the broken pass

        IReadOnlyList<LossTerm> Terms(Distiller one) => one.Forward(batch, live.Features(batch), 1).Terms;
    }

    [Fact]
    public void A_loss_of_targets_sees_them_and_each_images_size_beside_the_aligned_maps()
    {
        var loss = new Listener([]);
        using var distiller = Build(null, new Connection("body", "t", new Linear(), loss, 3));
        var padded = batch with { Sizes = [new(4, 5), new(2, 3)] };

        var term = Assert.Single(distiller.Forward(padded, teacher, 1).Terms);

        Assert.Equal(3 * 7, term.Value.item<float>());
        var (student, theirs, targets, sizes) = Assert.Single(loss.Heard);
        Assert.Equal([2, 6, 4, 5], student);
        Assert.Equal([2, 6, 4, 5], theirs);
        Assert.Same(padded.Targets, targets);
        Assert.Equal([new ImageSize(4, 5), new ImageSize(2, 3)], sizes);
    }

    [Fact]
    public void A_student_that_was_refused_keeps_no_hooks()
    {
        Assert.Contains(
            "Connection from student 'body' to teacher 't': l2 compares maps with equal channels; the student's [4, 4, 5] and the teacher's [6, 4, 5]",
            Refused(Feature("t", new Identity())));
        var before = Tiny.LiveTensors;
        student.call(images).Dispose();
        Assert.Equal(before, Tiny.LiveTensors); // a hook would have kept its capture
    }

    [Fact]
    public void A_pass_leaves_only_its_output_and_terms()
    {
        using var distiller = Build(new LogitConnection(new KdLoss(), 1), Feature("t", new ChannelMlp()));
        distiller.Forward(batch, teacher, 1);
        var before = Tiny.LiveTensors;
        distiller.Forward(batch, teacher, 1);
        Assert.Equal(before + 3, Tiny.LiveTensors);
    }

    [Fact]
    public void Disposing_frees_the_aligners_and_leaves_the_student()
    {
        student.call(images).Dispose();
        // A disposed Conv2d of TorchSharp leaves one handle to the garbage collector: compare with the aligner alone.
        var left = Left(() => new ChannelMlp().Build(4, 6).Dispose());
        Assert.Equal(left, Left(() => Build(null, Feature("t", new ChannelMlp())).Dispose()));
        Assert.Equal([2, 3], student.call(images).shape);

        static long Left(Action act)
        {
            var before = Tiny.LiveTensors;
            act();
            return Tiny.LiveTensors - before;
        }
    }

    private string Refused(Connection connection) => Assert.Throws<KdException>(() => Build(null, connection)).Message;

    private static Connection Feature(string path, IAligner aligner) => new("body", path, aligner, new L2Loss(), 1);

    private Distiller Build(LogitConnection? logits, params Connection[] connections) =>
        new(Network.Of(student), Tiny.Task, new Guidance(connections, logits), new TeacherMaps(Shapes), Tiny.Image);

    private sealed record Listener(List<(long[], long[], ITargets, IReadOnlyList<ImageSize>)> Heard) : ITargetLoss
    {
        public string Name => "listener";

        public Tensor Compute(Tensor student, Tensor teacher) => throw new NotSupportedException();

        public Tensor Compute(Tensor student, Tensor teacher, ITargets targets, IReadOnlyList<ImageSize> sizes)
        {
            Heard.Add((student.shape, teacher.shape, targets, sizes));
            return torch.tensor(7f);
        }
    }
}
