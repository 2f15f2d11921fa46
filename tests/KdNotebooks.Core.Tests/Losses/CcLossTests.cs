using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Losses;

[Collection(TorchState.Name)]
public sealed class CcLossTests : IDisposable
{
    private static readonly Func<Tensor, Tensor, Tensor> Loss = new CcLoss(null).Compute;

    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void It_gives_the_reference_implementations_numbers() =>
        Golden.Check("cc", Loss, Golden.StudentFeatures(), Golden.TeacherFeatures());

    // Differences 1, 2; 3, 0; 1, 1: (3 + 0 + 3 + 0) / 2.
    [Fact]
    public void It_is_what_one_computes_by_hand()
    {
        var student = torch.tensor(new double[,] { { 1, -2 }, { -3, 0 }, { 1, -1 } });
        Assert.Equal(3, Loss(student, torch.zeros_like(student)).ToDouble(), 1e-12);
    }

    [Theory]
    [InlineData(new long[] { 6, 3 }, new long[] { 6, 3 })]
    [InlineData(new long[] { 2, 4, 2, 1 }, new long[] { 2, 4, 3, 3 })]
    [InlineData(new long[] { 5, 3 }, new long[] { 5, 3, 2, 2 })]
    public void It_is_what_plain_loops_compute_for_features_and_maps(long[] ours, long[] theirs)
    {
        var (student, teacher) = (Wave.Of(ours), Wave.Of(theirs, 0.9));
        var expected = Congruence(Points(student), Points(teacher));
        Assert.Equal(expected, Loss(student, teacher).ToDouble(), 1e-12);
        LossChecks.GradientIsTheSlope(Loss, student, teacher);

        static double[][] Points(Tensor features) =>
            features.dim() == 4 ? Plain.Pooled(features) : Plain.Rows(features);
    }

    [Fact]
    public void The_order_of_the_batch_matters_for_neighbours_are_paired()
    {
        var student = torch.tensor(new double[] { 1, 1, 0, 0 }).view(4, 1);
        var between = student.index_select(0, torch.tensor(new long[] { 0, 2, 1, 3 }));
        Assert.Equal(1.0 / 3, Loss(student, torch.zeros_like(student)).ToDouble(), 1e-12);
        Assert.Equal(0, Loss(between, torch.zeros_like(student)).ToDouble());
    }

    [Fact]
    public void Equal_features_lose_nothing_and_pull_nowhere() =>
        LossChecks.EqualInputsLoseNothing(Loss, Golden.StudentMap());

    [Fact]
    public void It_holds_what_every_loss_holds_but_for_the_order()
    {
        LossChecks.OnlyTheStudentLearns(Loss, Golden.StudentMap(), Golden.TeacherMap());
        LossChecks.TheLayoutDoesNotMatter(Loss, Golden.StudentMap(), Golden.TeacherMap());
        LossChecks.SinglePrecisionIsNear(Loss, Golden.StudentMap(), Golden.TeacherMap());
        LossChecks.HalfPrecisionIsNear(Loss, Golden.StudentMap(), Golden.TeacherMap(), 0.01);
        LossChecks.OneTensorComesOut(Loss, Golden.StudentMap(), Golden.TeacherMap());
    }

    [Fact]
    public void Built_with_embeddings_it_compares_those()
    {
        var (student, teacher) = (Wave.Of([4, 3, 2, 2]), Wave.Of([4, 5, 1, 3], 0.9));
        using var built = Build(new CcLoss(2), 3, 5);
        Wave.Fill(built.to(torch.float64));
        var weights = built.state_dict();
        Assert.Equal(
            ["student.bias", "student.weight", "teacher.bias", "teacher.weight"],
            weights.Keys.Order(StringComparer.Ordinal));
        var expected = Congruence(Embed("student", student), Embed("teacher", teacher));
        Assert.Equal(expected, built.call(student, teacher).ToDouble(), 1e-12);
        LossChecks.GradientIsTheSlope(built.call, student, teacher);
        LossChecks.TheLayoutDoesNotMatter(built.call, student, teacher);
        LossChecks.OneTensorComesOut(built.call, student, teacher);
        LossChecks.OnlyTheStudentLearns(built.call, student, teacher);

        double[][] Embed(string side, Tensor map)
        {
            var (weight, bias) = (Plain.Rows(weights[$"{side}.weight"]), weights[$"{side}.bias"]);
            return [.. Plain.Pooled(map).Select(feature => weight.Select(
                (row, at) => Plain.Dot(row, feature) + bias[at].ToDouble()).ToArray())];
        }
    }

    [Fact]
    public void Both_embeddings_learn()
    {
        using var built = Build(new CcLoss(8), 3, 5);
        built.call(Wave.Single(4, 3, 2, 2), Wave.Single(4, 5, 2, 2)).backward();
        Assert.Equal(4, built.parameters().Count());
        Assert.All(built.parameters(), weight => Assert.True(weight.grad!.abs().sum().ToDouble() > 0));
    }

    [Fact]
    public void Embeddings_in_half_precision_give_a_half_near_the_single()
    {
        using var built = Wave.Fill(Build(new CcLoss(8), 6, 6));
        var (student, teacher) = (Golden.StudentMap().to(torch.bfloat16), Golden.TeacherMap().to(torch.bfloat16));
        var expected = built.call(student.to(torch.float32), teacher.to(torch.float32));
        var half = built.to(torch.bfloat16).call(student, teacher);
        Assert.Equal(torch.bfloat16, half.dtype);
        TensorAssert.Near(expected, half.to(torch.float32), 0.02);
    }

    [Fact]
    public void Built_without_embeddings_it_has_nothing_to_learn_and_is_the_same()
    {
        using var built = Build(new CcLoss(null), 6, 6);
        Assert.Empty(built.parameters());
        TensorAssert.Same(
            Loss(Golden.StudentMap(), Golden.TeacherMap()), built.call(Golden.StudentMap(), Golden.TeacherMap()));
    }

    [Fact]
    public void A_bridge_trains_its_embeddings_between_maps_of_any_shape()
    {
        var connection = new Connection("a", "b", new Identity(), new CcLoss(7), Alpha: 1);
        using var bridge = new Bridge(connection, [3, 4, 4], [5, 2, 2]);
        var loss = bridge.Compare(
            Wave.Single(4, 3, 4, 4), Wave.Single(4, 5, 2, 2), Batch.Of(torch.zeros(4, 1, 4, 4)));
        loss.backward();
        Assert.Equal((3 * 7) + 7 + (5 * 7) + 7, bridge.parameters().Sum(weight => weight.numel()));
        Assert.All(bridge.parameters(), weight => Assert.NotNull(weight.grad));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    public void An_embedding_out_of_range_is_refused(int size)
    {
        var error = Assert.Throws<KdException>(() => Build(new CcLoss(size), 3, 5));
        Assert.Equal(
            $"CcLoss: embedding is {size}; expected at least 1, or null for none.", error.Message);
    }

    [Theory]
    [InlineData(new long[] { 4, 3, 4, 4 }, new long[] { 3, 3, 4, 4 }, "must be features [N, D] or maps")]
    [InlineData(new long[] { 4, 3 }, new long[] { 4, 5 }, "must have the same channels")]
    [InlineData(new long[] { 1, 3 }, new long[] { 1, 3 }, "are 1 image(s)")]
    public void Shapes_that_do_not_fit_are_refused(long[] student, long[] teacher, string because) =>
        LossChecks.Refuses("CcLoss", Loss, student, teacher, because);

    [Fact]
    public void It_embeds_in_128_by_default_and_its_name_is_cc()
    {
        Assert.Equal(new CcLoss(128), new CcLoss());
        Assert.Equal(("cc", MapFit.Any), (new CcLoss().Name, new CcLoss().Fit));
        Assert.Equal(MapFit.SameChannels, new CcLoss(null).Fit);
    }

    private static nn.Module<Tensor, Tensor, Tensor> Build(
        CcLoss loss, long studentChannels, long teacherChannels) =>
        loss.Build(new FeatureShape(studentChannels, 2, 2), new FeatureShape(teacherChannels, 2, 2), norm: null);

    private static double Congruence(double[][] student, double[][] teacher)
    {
        double[][] delta = [.. student.Zip(teacher, (s, t) => Plain.Minus(s, t).Select(Math.Abs).ToArray())];
        return delta.Zip(delta.Skip(1), Plain.Dot).Average();
    }
}
