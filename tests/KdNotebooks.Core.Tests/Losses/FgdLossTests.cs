using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Masks;
using KdNotebooks.Tasks.Detection;

namespace KdNotebooks.Tests.Losses;

public sealed class FgdLossTests : IDisposable
{
    private const int N = 2, C = 3, H = 4, W = 6;

    private static readonly FeatureShape Map = new(C, H, W);
    private static readonly ImageSize Whole = new(32, 48); // 8 pixels a position

    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.8)]
    public void With_boxes_it_is_its_formula_written_out(double temperature)
    {
        var (student, teacher) = (Wave.Of([N, C, H, W], height: 2), Wave.Of([N, C, H, W], 0.9, height: 2));
        var loss = new FgdLoss(0.3, 0.2, 0.1, 0.05, temperature);
        using var built = loss.Build(Map, Map, null).to(torch.float64);

        var expected = Expected(Plain.Map(student), Plain.Map(teacher), temperature);
        Assert.Equal(expected, loss.Compute(student, teacher, Targets(), [Whole, Whole]).ToDouble(), 1e-12);
        Assert.Equal(expected, ((ITargetCriterion)built).Compute(student, teacher, Targets(), [Whole, Whole]).ToDouble(), 1e-12);
    }

    // 8 pixels a position. [0, 15) touches columns 0 and 1, and FGD's code takes the one behind it too; [40, 48) ends at
    // the map's edge, beyond which a position is counted that is not there.
    [Theory]
    [InlineData(0, 0, 15, 15, 9, 9)]
    [InlineData(9, 9, 40, 30, 20, 15)]
    [InlineData(40, 24, 48, 32, 4, 1)]
    [InlineData(0, 0, 48, 32, 35, 24)]
    public void A_box_weighs_one_over_the_positions_that_it_touches(
        double left, double top, double right, double bottom, int size, int drawn)
    {
        var targets = One(new Thing(0, ImageBox.OfCorners(left, top, right, bottom)));

        var places = Foreground.Of(torch.zeros(1, C, H, W, torch.float64), targets, [Whole]);

        Assert.Equal(drawn / (double)size, places.Things.sum().ToDouble(), 1e-12);
        Assert.Equal(drawn == H * W ? 0 : 1, places.Rest.sum().ToDouble(), 1e-12);
        Assert.Null(places.Outside);
    }

    [Fact]
    public void Where_boxes_overlap_the_smaller_one_counts_and_crowds_are_background()
    {
        var targets = One(
            new Thing(0, ImageBox.OfCorners(0, 0, 48, 32)), new Thing(1, ImageBox.OfCorners(9, 9, 15, 15)),
            new Thing(1, ImageBox.OfCorners(41, 25, 47, 31), Crowd: true));

        var things = Plain.Map(Foreground.Of(torch.zeros(1, C, H, W, torch.float64), targets, [Whole]).Things);

        Assert.Equal(1 / 4.0, things[0, 0, 1, 1], 1e-12);
        Assert.Equal(1 / 35.0, things[0, 0, 3, 5], 1e-12);
    }

    [Fact]
    public void Without_boxes_all_is_background()
    {
        var (student, teacher) = (Wave.Of([N, C, H, W]), Wave.Of([N, C, H, W], 0.9));
        var loss = new FgdLoss(5, 1, 0.5, 0.25);
        var alone = loss.Compute(student, teacher).ToDouble();

        Assert.Equal(alone, loss.Compute(student, teacher, Two([], []), [Whole, Whole]).ToDouble());
        Assert.Equal(alone, loss.Compute(student, teacher, new NoTargets(N), [Whole, Whole]).ToDouble());
        Assert.Equal(0, new FgdLoss(1, 0, 0, 0).Compute(student, teacher, Two([], []), [Whole, Whole]).ToDouble());
    }

    // A batch of a 48 x 32 image and one of 24 x 16 in its corner, with whatever lies around it.
    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    public void Images_of_two_sizes_in_one_batch_lose_what_each_loses_alone(double outside)
    {
        var loss = new FgdLoss(0.3, 0.2, 0.1, 0.05);
        using var built = loss.Build(Map, Map, null).to(torch.float64);
        using (torch.no_grad())
        {
            foreach (var (parameter, i) in built.parameters().Select((parameter, i) => (parameter, i)))
            {
                parameter.copy_(Wave.Of(parameter.shape, i)); // so that the contexts add something
            }
        }

        var criterion = (ITargetCriterion)built;
        var (student, teacher) = (Wave.Of([N, C, H, W], height: 2), Wave.Of([N, C, H, W], 0.9, height: 2));
        var small = new ImageSize(16, 24);
        Thing thing = new(0, ImageBox.OfCorners(9, 0, 20, 12));
        var alone = new[]
        {
            criterion.Compute(student[..1], teacher[..1], One(thing), [Whole]),
            criterion.Compute(
                student[1..2].narrow(2, 0, 2).narrow(3, 0, 3), teacher[1..2].narrow(2, 0, 2).narrow(3, 0, 3),
                ThingBatch.Of([new Things([thing], small)], small, torch.CPU), [small]),
        }.Average(value => value.ToDouble());
        foreach (var map in new[] { student, teacher })
        {
            map[1].narrow(1, 2, 2).fill_(outside);
            map[1].narrow(2, 3, 3).fill_(-2 * outside);
        }

        var together = criterion.Compute(student, teacher, Two([thing], [thing]), [Whole, small]).ToDouble();

        Assert.Equal(alone, together, 1e-12);
    }

    [Fact]
    public void The_relation_is_learned_on_both_sides_and_begins_as_a_squared_difference()
    {
        var (student, teacher) = (Wave.Single(N, C, H, W).requires_grad_(), Wave.Single(N, C, H, W) * 0.5f);
        teacher.requires_grad_(true);
        using var built = new FgdLoss(0, 0, 0, 2).Build(Map, Map, null);

        var value = ((ITargetCriterion)built).Compute(student, teacher, Targets(), [Whole, Whole]);
        value.backward();

        Assert.Equal(2 * (student - teacher).square().sum().ToDouble() / N, value.ToDouble(), 1e-4);
        Assert.True(student.grad!.abs().sum().ToDouble() > 0);
        Assert.Null(teacher.grad);
        foreach (var side in new[] { "student", "teacher" })
        {
            Assert.Contains(built.named_parameters(), entry => entry.name.StartsWith(side, StringComparison.Ordinal)
                && entry.parameter.grad is { } grad && grad.abs().sum().ToDouble() > 0);
        }

        using var without = new FgdLoss(Relation: 0).Build(Map, Map, null);
        Assert.Empty(without.parameters());
    }

    [Fact]
    public void It_holds_what_every_loss_holds()
    {
        var loss = new FgdLoss(0.3, 0.2, 0.1, 0.05);
        using var built = loss.Build(new(6, 5, 5), new(6, 5, 5), null).to(torch.float64);
        LossChecks.HoldsForMaps(loss.Compute);
        LossChecks.EqualInputsLoseNothing(loss.Compute, Golden.TeacherMap());
        LossChecks.GradientIsTheSlope(built.call, Wave.Of([2, 6, 2, 2]), Wave.Of([2, 6, 2, 2], 0.9));
        LossChecks.OneTensorComesOut(built.call, Wave.Of([2, 6, 2, 2]), Wave.Of([2, 6, 2, 2], 0.9));
    }

    [Fact]
    public void In_a_bridge_it_sees_the_boxes_and_its_contexts_are_trained()
    {
        using var bridge = new Bridge(
            new Connection("s", "t", new Linear(), new FgdLoss(1, 0, 0, 1e-3), 1), [2, H, W], [C, H, W]);
        Assert.Contains("criterion.student.attention.weight", bridge.named_parameters().Select(entry => entry.name));
        var (student, teacher) = (Wave.Single(N, 2, H, W), Wave.Single(N, C, H, W));
        var images = Batch.Of(torch.zeros(N, 1, Whole.Height, Whole.Width));

        var blind = bridge.Compare(student, teacher, images).ToDouble();
        var seeing = bridge.Compare(student, teacher, images with { Targets = Targets() }).ToDouble();

        Assert.True(seeing > 2 * blind, $"{seeing} with boxes, {blind} without");
    }

    [Fact]
    public void What_of_it_is_constant_is_said()
    {
        Assert.Null(new FgdLoss().IdleFor(Map, Map, 2));
        Assert.False(new FgdLoss().IdleFor(new(C, 1, 1), new(C, 1, 1), 2)!.Whole);
        Assert.False(new FgdLoss().IdleFor(new(1, H, W), new(1, H, W), 2)!.Whole);
        Assert.Null(new FgdLoss(Attention: 0).IdleFor(new(C, 1, 1), new(C, 1, 1), 2));
        Assert.True(new FgdLoss(0, 0, 1, 0).IdleFor(new(1, 1, 1), new(1, 1, 1), 2)!.Whole);
        Assert.True(new FgdLoss(0, 0, 0, 0).IdleFor(Map, Map, 2)!.Whole);
    }

    [Theory]
    [InlineData(-1, 0, 0, 0, 1, "foreground is -1")]
    [InlineData(0, double.NaN, 0, 0, 1, "background is NaN")]
    [InlineData(0, 0, double.PositiveInfinity, 0, 1, "attention is Infinity")]
    [InlineData(0, 0, 0, -2, 1, "relation is -2")]
    [InlineData(0, 0, 0, 1, 0, "temperature is 0")]
    public void Options_out_of_range_are_refused(double a, double b, double c, double d, double temperature, string what)
    {
        var loss = new FgdLoss(a, b, c, d, temperature);
        LossChecks.Refuses(() => loss.Compute(Golden.StudentMap(), Golden.TeacherMap()), $"FgdLoss: {what}; expected");
        LossChecks.Refuses(() => loss.Build(Map, Map, null), $"FgdLoss: {what}; expected");
    }

    [Fact]
    public void Shapes_that_differ_are_refused() =>
        LossChecks.RefusesShapes(new FgdLoss(), [2, 3, 4, 4], [2, 6, 4, 4]);

    [Fact]
    public void Its_options_are_those_of_its_code_for_RetinaNet()
    {
        IFeatureLoss loss = new FgdLoss();
        Assert.Equal(new FgdLoss(1e-3, 5e-4, 5e-4, 5e-6, 0.5), loss);
        Assert.Equal(("fgd", MapFit.SameShape), (loss.Name, loss.Fit));
    }

    // The second image holds nothing.
    private static ThingBatch Targets() => Two(
        [new(0, ImageBox.OfCorners(0, 0, 15, 15)), new(1, ImageBox.OfCorners(9, 9, 40, 30))], []);

    private static ThingBatch One(params Thing[] things) => ThingBatch.Of([new Things(things, Whole)], Whole, torch.CPU);

    private static ThingBatch Two(Thing[] first, Thing[] second) => ThingBatch.Of(
        [new Things(first, Whole), new Things(second, Whole)], Whole, torch.CPU);

    private static double Expected(double[,,,] s, double[,,,] t, double temperature)
    {
        var total = 0.0;
        for (var n = 0; n < N; n++)
        {
            var (space, channels) = Attention(t, n, temperature);
            var (ourSpace, ourChannels) = Attention(s, n, temperature);
            var front = new double[H, W];
            if (n == 0)
            {
                // Columns 0 to 2 (15 / 8 rounded up) and rows 0 to 2; columns 1 to 5, rows 1 to 4, of which 3 is the last.
                Fill(front, 0, 0, 2, 2, 9);
                Fill(front, 1, 1, 5, 3, 20);
            }

            var background = front.Cast<double>().Count(value => value == 0);
            for (var y = 0; y < H; y++)
            {
                for (var x = 0; x < W; x++)
                {
                    var weight = (0.3 * front[y, x]) + (front[y, x] == 0 ? 0.2 / background : 0);
                    for (var c = 0; c < C; c++)
                    {
                        var square = Math.Pow(s[n, c, y, x] - t[n, c, y, x], 2);
                        total += ((weight * space[y, x] * channels[c]) + 0.05) * square;
                    }

                    total += 0.1 * Math.Abs(ourSpace[y, x] - space[y, x]);
                }
            }

            total += 0.1 * channels.Zip(ourChannels, (a, b) => Math.Abs(a - b)).Sum();
        }

        return total / N;
    }

    private static void Fill(double[,] front, int left, int top, int right, int bottom, double size)
    {
        for (var y = top; y <= bottom; y++)
        {
            for (var x = left; x <= right; x++)
            {
                front[y, x] = Math.Max(front[y, x], 1 / size);
            }
        }
    }

    private static (double[,] Space, double[] Channels) Attention(double[,,,] map, int n, double temperature)
    {
        var (space, channels) = (new double[H, W], new double[C]);
        for (var y = 0; y < H; y++)
        {
            for (var x = 0; x < W; x++)
            {
                space[y, x] = Math.Exp(Enumerable.Range(0, C).Average(c => Math.Abs(map[n, c, y, x])) / temperature);
            }
        }

        var all = space.Cast<double>().Sum();
        for (var y = 0; y < H; y++)
        {
            for (var x = 0; x < W; x++)
            {
                space[y, x] *= H * W / all;
            }
        }

        for (var c = 0; c < C; c++)
        {
            var mean = Enumerable.Range(0, H * W).Average(at => Math.Abs(map[n, c, at / W, at % W]));
            channels[c] = Math.Exp(mean / temperature);
        }

        var sum = channels.Sum();
        return (space, [.. channels.Select(power => C * power / sum)]);
    }
}
