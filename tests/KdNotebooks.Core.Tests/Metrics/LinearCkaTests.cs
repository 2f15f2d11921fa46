using KdNotebooks.Metrics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Metrics;

public sealed class LinearCkaTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Equal_representations_give_one() =>
        Assert.Equal(1, LinearCka.Of(Wave.Single(20, 6), Wave.Single(20, 6)), 12);

    [Fact]
    public void A_rotation_a_scale_and_a_shift_do_not_matter()
    {
        var (x, y) = (Wave.Of([20, 6]), Wave.Of([20, 4], step: 0.91, start: 2));
        var rotation = torch.linalg.qr(Wave.Of([6, 6], step: 1.3)).Q;

        var moved = x.matmul(rotation) * 3.7 + Wave.Of([1, 6]);

        Assert.Equal(LinearCka.Of(x, y), LinearCka.Of(moved, y), 10);
        Assert.Equal(1, LinearCka.Of(x, moved), 10);
    }

    [Fact]
    public void An_invertible_map_that_is_no_rotation_does_matter()
    {
        var x = Wave.Of([20, 2]);
        var stretched = x * torch.tensor(new[] { 1.0, 30 });

        Assert.True(LinearCka.Of(x, stretched) < 0.99);
    }

    [Fact]
    public void It_is_the_papers_formula_over_features()
    {
        var (x, y) = (Wave.Of([9, 5]), Wave.Of([9, 3], step: 0.7));
        var (a, b) = (x - x.mean([0], keepdim: true), y - y.mean([0], keepdim: true));
        var expected = b.t().matmul(a).norm().pow(2) / (a.t().matmul(a).norm() * b.t().matmul(b).norm());

        Assert.Equal(expected.ToDouble(), LinearCka.Of(x, y), 12);
        Assert.Equal(LinearCka.Of(y, x), LinearCka.Of(x, y), 12);
    }

    // Two orthogonal contrasts of four images.
    [Fact]
    public void Unrelated_representations_give_zero() => Assert.Equal(0, LinearCka.Of(
        torch.tensor(new[] { 1.0, 1, -1, -1 }).view(4, 1), torch.tensor(new[] { 1.0, -1, 1, -1 }).view(4, 1)), 12);

    [Fact]
    public void What_is_the_same_for_every_image_is_like_nothing() =>
        Assert.True(double.IsNaN(LinearCka.Of(torch.ones(4, 3), Wave.Single(4, 3))));

    [Fact]
    public void Maps_must_be_flattened_first() => Assert.Contains(
        "Flatten maps", Assert.Throws<KdException>(() => LinearCka.Gram(torch.zeros(2, 3, 4, 4))).Message);

    [Fact]
    public void Other_images_are_refused() =>
        Assert.Throws<KdException>(() => LinearCka.Of(Wave.Single(4, 3), Wave.Single(5, 3)));
}
