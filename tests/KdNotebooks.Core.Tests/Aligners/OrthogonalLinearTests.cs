using KdNotebooks.Aligners;
using KdNotebooks.Ops;
using KdNotebooks.Weights;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Aligners;

public sealed class OrthogonalLinearTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(8, 32)]
    [InlineData(16, 16)]
    [InlineData(32, 8)]
    [InlineData(1, 4)]
    [InlineData(4, 1)]
    public void Columns_or_rows_are_orthonormal_at_the_start_and_after_training(long student, long teacher)
    {
        var module = new OrthogonalLinear().Build(student, teacher);
        ChannelsLast.Apply(module);
        var before = Weight(module, student);
        Assert.Equal([teacher, student], before.shape);
        AssertOrthonormal(before);

        Train(module, student, teacher);

        var after = Weight(module, student);
        AssertOrthonormal(after);
        Assert.True((after - before).abs().max().ToDouble() > 0.05, "It did not move.");
    }

    [Fact]
    public void Training_brings_it_nearer_to_what_it_can_reach()
    {
        var (module, target) = (new OrthogonalLinear().Build(8, 32), new OrthogonalLinear().Build(8, 32));
        var map = Wave.Single(4, 8, 3, 3);
        double Distance() => (module.call(map) - target.call(map)).square().mean().ToDouble();
        var start = Distance();
        using var optimizer = torch.optim.SGD(module.parameters(), 1);
        for (var step = 0; step < 100; step++)
        {
            optimizer.zero_grad();
            (module.call(map) - target.call(map).detach()).square().mean().backward();
            optimizer.step();
        }

        Assert.True(Distance() < 0.5 * start, $"{start} to {Distance()}");
    }

    [Fact]
    public void Lengths_and_angles_are_kept_where_the_teacher_is_not_narrower()
    {
        var map = Wave.Single(2, 8, 3, 3);
        var module = new OrthogonalLinear().Build(8, 32);
        Train(module, 8, 32);
        TensorAssert.Near(Products(map), Products(module.call(map)), 1e-5);
        static Tensor Products(Tensor x) => torch.einsum("nchw,mcuv->nhwmuv", x, x);
    }

    [Fact]
    public void Every_position_goes_through_the_one_matrix()
    {
        var (module, map) = (new OrthogonalLinear().Build(8, 5), Wave.Single(2, 8, 3, 4));
        TensorAssert.Near(torch.einsum("oi,nihw->nohw", Weight(module, 8), map), module.call(map), 1e-5);
    }

    [Fact]
    public void The_start_is_random()
    {
        var (one, other) = (Weight(new OrthogonalLinear().Build(4, 8), 4), Weight(new OrthogonalLinear().Build(4, 8), 4));
        Assert.True((one - other).abs().max().ToDouble() > 0.01);
    }

    // With the signs left as QR gives them the trace would not be centred.
    [Fact]
    public void The_start_is_uniform_over_all_orthogonal_matrices()
    {
        var traces = Enumerable.Range(0, 400)
            .Select(_ => Weight(new OrthogonalLinear().Build(4, 4), 4).trace().ToDouble()).ToList();
        Assert.Equal(0, traces.Average(), 0.25); // five deviations of 1 / sqrt(400)
        Assert.Equal(1, traces.Average(trace => trace * trace), 0.5);
    }

    [Fact]
    public void Only_the_free_parameter_is_trained_and_its_gradient_reaches_it()
    {
        var module = new OrthogonalLinear().Build(3, 5);
        Assert.Equal(["rotation"], module.named_parameters().Select(entry => entry.name));
        Assert.Equal(["rotation", "start"], module.state_dict().Keys.Order(StringComparer.Ordinal));
        (module.call(Wave.Single(2, 3, 4, 4)) * Wave.Single(2, 5, 4, 4)).sum().backward();
        Assert.True(module.get_parameter("rotation")!.grad!.abs().sum().ToDouble() > 0.01);
    }

    [Fact]
    public void What_was_saved_gives_the_same_map()
    {
        using var folder = new TemporaryFolder();
        var (module, again) = (new OrthogonalLinear().Build(3, 5), new OrthogonalLinear().Build(3, 5));
        Train(module, 3, 5);
        StateDict.Save(folder.File("a.safetensors"), module);
        StateDict.LoadInto(folder.File("a.safetensors"), again);
        TensorAssert.Same(module.call(Wave.Single(2, 3, 4, 4)), again.call(Wave.Single(2, 3, 4, 4)));
    }

    // A(e_i) are its columns.
    private static Tensor Weight(Module<Tensor, Tensor> module, long student) =>
        module.call(torch.eye(student).view(student, student, 1, 1)).detach().flatten(1).t();

    private static void AssertOrthonormal(Tensor weight)
    {
        var few = weight.shape[0] < weight.shape[1] ? weight : weight.t(); // [m, n]
        Assert.True((few.matmul(few.t()) - torch.eye(few.shape[0])).abs().max().ToDouble() < 1e-5);
    }

    private static void Train(Module<Tensor, Tensor> module, long student, long teacher)
    {
        using var optimizer = torch.optim.SGD(module.parameters(), 0.5, momentum: 0.9, weight_decay: 5e-4);
        var (map, target) = (Wave.Single(4, student, 3, 3), Wave.Of([4, teacher, 3, 3], 0.9).to(torch.float32));
        for (var step = 0; step < 20; step++)
        {
            optimizer.zero_grad();
            (module.call(map) - target).square().mean().backward();
            optimizer.step();
        }
    }
}
