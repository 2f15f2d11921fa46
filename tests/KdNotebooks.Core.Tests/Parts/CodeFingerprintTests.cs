using KdNotebooks.Losses;
using KdNotebooks.Parts;

namespace KdNotebooks.Tests.Parts;

public sealed class CodeFingerprintTests
{
    private static readonly double[] Weights = [1, 2];

    private static double factor = 1;

    [Fact]
    public void The_same_code_has_the_same_and_other_code_another()
    {
        Assert.Equal(Of(Half(1)), Of(Half(1)));
        Assert.Equal(16, Of(Half(1)).Length);
        Assert.NotEqual(Of((s, t) => (s - t).abs().mean()), Of((s, t) => (s - t).square().mean()));
        Assert.NotEqual(Of((s, t) => (s - t).abs().mean() * 2), Of((s, t) => (s - t).abs().mean() * 3));
    }

    [Fact]
    public void What_a_function_has_captured_counts()
    {
        Assert.NotEqual(Of(Half(1)), Of(Half(2)));
        Assert.NotEqual(Of(Weighted([1, 2])), Of(Weighted([1, 3])));
        Assert.Equal(Of(Weighted([1, 2])), Of(Weighted([1, 2])));
        using var ones = torch.ones(3);
        using var twos = torch.full([3], 2f);
        Assert.NotEqual(Of((s, t) => s.mean() * ones.sum()), Of((s, t) => s.mean() * twos.sum()));
        Assert.Equal(Of(Tensors(ones)), Of(Tensors(torch.ones(3))));
        Assert.NotEqual(Of(Tensors(ones)), Of(Tensors(twos)));
    }

    [Fact]
    public void So_does_a_part_within_a_part()
    {
        Assert.NotEqual(Of(Around(new L2Loss())), Of(Around(new L2Loss(Reduction.SumPerBatch))));
        Assert.Equal(Of(Around(new L2Loss())), Of(Around(new L2Loss())));
        Assert.NotEqual(Of(Around(new OwnLoss("a", Half(1)))), Of(Around(new OwnLoss("a", Half(2)))));
    }

    [Fact]
    public void Helpers_are_followed_and_what_they_read_counts()
    {
        Func<Tensor, Tensor, Tensor> one = (s, t) => HelperOne(s), two = (s, t) => HelperTwo(s);
        Assert.NotEqual(Of(one), Of(two));

        var before = Of(one);
        factor = 2;
        var after = Of(one);
        factor = 1;
        Assert.NotEqual(before, after);
        Assert.Equal(before, Of(one));
    }

    [Fact]
    public void A_lambda_that_was_called_is_the_one_that_was_not()
    {
        static Func<Tensor, Tensor, Tensor> Make() => (s, t) => Enumerable.Range(0, 2).Select(i => s * i).Last();
        var before = Of(Make());
        using var one = torch.ones(1);
        Make()(one, one).Dispose();

        Assert.Equal(before, Of(Make()));
    }

    [Fact]
    public void Code_that_calls_itself_and_values_that_hold_themselves_come_to_an_end()
    {
        var list = new List<object>();
        list.Add(list);
        Func<Tensor, Tensor, Tensor> loss = (s, t) => Deep(s, list.Count);

        Assert.Equal(16, Of(loss).Length);
    }

    [Fact]
    public void Of_a_type_with_options_it_is_the_code_alone()
    {
        Assert.Equal(CodeFingerprint.Of(new Scaled(1)), CodeFingerprint.Of(new Scaled(2)));
        Assert.NotEqual(CodeFingerprint.Of(new Scaled(1)), CodeFingerprint.Of(new Shifted(1)));
        Assert.NotEqual(CodeFingerprint.Of(new Hidden(1)), CodeFingerprint.Of(new Hidden(2)));
    }

    private static string Of(Func<Tensor, Tensor, Tensor> loss) => CodeFingerprint.Of(new OwnLoss("mine", loss));

    private static Func<Tensor, Tensor, Tensor> Half(double scale) => (s, t) => (s - t).abs().mean() * scale;

    private static Func<Tensor, Tensor, Tensor> Weighted(double[] weights) => (s, t) => s.mean() * weights[1];

    private static Func<Tensor, Tensor, Tensor> Tensors(Tensor weights) => (s, t) => s.mean() * weights.sum();

    private static Func<Tensor, Tensor, Tensor> Around(IFeatureLoss inner) => (s, t) => inner.Compute(s, t) * 2;

    private static Tensor HelperOne(Tensor map) => map.mean() * factor * Weights[0];

    private static Tensor HelperTwo(Tensor map) => map.sum() * factor * Weights[0];

    private static Tensor Deep(Tensor map, int depth) => depth == 0 ? map.mean() : Deep(map, depth - 1);

    private sealed record Scaled(double Scale) : IFeatureLoss
    {
        public string Name => $"scaled {Scale}";

        public Tensor Compute(Tensor student, Tensor teacher) => student.mean() * Scale;
    }

    private sealed record Shifted(double Scale) : IFeatureLoss
    {
        public string Name => $"scaled {Scale}";

        public Tensor Compute(Tensor student, Tensor teacher) => student.mean() + Scale;
    }

    private sealed class Hidden(double scale) : IFeatureLoss
    {
        public string Name => "hidden";

        public Tensor Compute(Tensor student, Tensor teacher) => student.mean() * scale;
    }
}
