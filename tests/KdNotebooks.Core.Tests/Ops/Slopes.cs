namespace KdNotebooks.Tests.Ops;

/// <summary>Gradients against central differences, in float64.</summary>
internal static class Slopes
{
    /// <summary>The gradient at each value of the input, to 1e-6 of the largest one.</summary>
    public static void Check(Tensor input, Func<Tensor, Tensor> number, double step = 1e-5)
    {
        using var scope = torch.NewDisposeScope();
        var leaf = input.detach().clone().requires_grad_(true);
        number(leaf).backward();
        var slopes = new double[input.numel()];
        var values = input.detach().contiguous().flatten().data<double>().ToArray();
        for (var i = 0; i < slopes.Length; i++)
        {
            slopes[i] = (At(i, step) - At(i, -step)) / (2 * step);
        }

        TensorAssert.Near(torch.tensor(slopes).view(input.shape), leaf.grad!.contiguous(), 1e-6);

        double At(int i, double by)
        {
            using var inner = torch.NewDisposeScope();
            using var noGrad = torch.no_grad();
            var moved = (double[])values.Clone();
            moved[i] += by;
            return number(torch.tensor(moved).view(input.shape)).ToDouble();
        }
    }
}
