using KdNotebooks.Runtime;
using KdNotebooks.Training;
using AdamW = KdNotebooks.Training.AdamW;
using Parameter = TorchSharp.Modules.Parameter;

namespace KdNotebooks.Tests.Training;

/// <summary>Against the published update rules in double, on the quadratic a w^2 / 2, whose gradient is a w.</summary>
public sealed class OptimizerTests : IDisposable
{
    private static readonly double[] Curvature = [1, 3, -0.5], Begin = [1, -2, 0.25];

    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    // PyTorch's SGD: d = g + wd w; b = m b + d (b = d at first); w -= lr (nesterov ? d + m b : b).
    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(0.9, 0, false)]
    [InlineData(0.9, 0.05, false)]
    [InlineData(0.9, 0, true)]
    [InlineData(0.9, 0.05, true)]
    public void Sgd_follows_its_rule_over_five_steps(double momentum, double decay, bool nesterov)
    {
        var (w, b) = ((double[])Begin.Clone(), new double[3]);
        for (var step = 0; step < 5; step++)
        {
            for (var i = 0; i < 3; i++)
            {
                var d = (Curvature[i] * w[i]) + (decay * w[i]);
                b[i] = (momentum * b[i]) + d;
                w[i] -= 0.1 * (nesterov ? d + (momentum * b[i]) : b[i]);
            }
        }

        AssertClose(w, Steps(new Sgd(0.1, momentum, decay, nesterov)));
    }

    // Loshchilov and Hutter 2017, algorithm 2, with PyTorch's placing of decay (times the learning rate) and epsilon.
    [Theory]
    [InlineData(0)]
    [InlineData(0.2)]
    public void AdamW_follows_its_rule_over_five_steps(double decay)
    {
        var (w, m, v) = ((double[])Begin.Clone(), new double[3], new double[3]);
        for (var step = 1; step <= 5; step++)
        {
            for (var i = 0; i < 3; i++)
            {
                var g = Curvature[i] * w[i];
                m[i] = (0.8 * m[i]) + (0.2 * g);
                v[i] = (0.95 * v[i]) + (0.05 * g * g);
                var (mean, square) = (m[i] / (1 - Math.Pow(0.8, step)), v[i] / (1 - Math.Pow(0.95, step)));
                w[i] -= 0.05 * ((decay * w[i]) + (mean / (Math.Sqrt(square) + 1e-3)));
            }
        }

        AssertClose(w, Steps(new AdamW(0.05, 0.8, 0.95, 1e-3, decay)));
    }

    [Fact]
    public void A_learning_rate_that_is_set_is_the_one_that_is_used()
    {
        var weight = Weight();
        using var optimizer = new Sgd(0.1, 0, 0).Build([weight]);
        optimizer.ParamGroups.Single().LearningRate = 0.5;
        weight.square().sum().backward();
        optimizer.step();
        AssertClose([0, 0, 0], weight);
    }

    [Fact]
    public void The_defaults_are_the_protocols() => Assert.Equal(
        (new Sgd(0.1, 0.9, 5e-4, false), new AdamW(1e-3, 0.9, 0.999, 1e-8, 1e-2)), (new Sgd(), new AdamW()));

    [Fact]
    public void Options_out_of_range_are_refused_with_what_came_and_what_was_expected()
    {
        IOptimizer[] wrong =
        [
            new Sgd(0), new Sgd(-1), new Sgd(double.NaN), new Sgd(double.PositiveInfinity), new Sgd(Momentum: 1),
            new Sgd(Momentum: -0.1),
            new Sgd(WeightDecay: -1), new Sgd(Momentum: 0, Nesterov: true),
            new AdamW(0), new AdamW(Beta1: 1), new AdamW(Beta2: -0.1), new AdamW(Epsilon: 0),
            new AdamW(WeightDecay: -1),
        ];
        Assert.All(wrong, optimizer =>
        {
            var message = Assert.Throws<KdException>(() => optimizer.Build([Weight()])).Message;
            Assert.Contains(optimizer.ToString()!, message);
            Assert.Contains("expected a learning rate and epsilon greater than 0", message);
        });
    }

    private static Parameter Weight() => new(torch.tensor(Begin));

    private static Parameter Steps(IOptimizer options)
    {
        var weight = Weight();
        using var optimizer = options.Build([weight]);
        for (var step = 0; step < 5; step++)
        {
            optimizer.zero_grad();
            (torch.tensor(Curvature) * weight.square() / 2).sum().backward();
            optimizer.step();
        }

        return weight;
    }

    private static void AssertClose(double[] expected, Parameter weight) =>
        Assert.Equal(expected, weight.detach().data<double>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-12);
}
