namespace KdNotebooks.Tests.Losses;

/// <summary>What holds for every loss.</summary>
internal static class LossChecks
{
    /// <summary>The gradient at each element is the central difference quotient there.</summary>
    public static void GradientIsTheSlope(Func<Tensor, Tensor, Tensor> loss, Tensor student, Tensor teacher)
    {
        const double step = 1e-5;
        var at = student.detach().clone().requires_grad_(true);
        loss(at, teacher).backward();
        var (gradient, flat) = (at.grad!.flatten(), student.detach().clone());
        for (var i = 0L; i < flat.numel(); i++)
        {
            double At(double shift)
            {
                var moved = flat.clone();
                moved.view(-1)[i] += shift;
                return loss(moved, teacher).ToDouble();
            }

            Assert.Equal((At(step) - At(-step)) / (2 * step), gradient[i].ToDouble(), 1e-8);
        }
    }

    /// <summary>The student learns; the teacher does not, even where it could.</summary>
    public static void OnlyTheStudentLearns(Func<Tensor, Tensor, Tensor> loss, Tensor student, Tensor teacher)
    {
        student.requires_grad_(true);
        teacher.requires_grad_(true);
        loss(student, teacher).backward();
        Assert.True(student.grad!.abs().sum().ToDouble() > 0);
        Assert.Null(teacher.grad);
    }

    /// <summary>The order of the images does not matter.</summary>
    public static void TheBatchMayBePermuted(Func<Tensor, Tensor, Tensor> loss, Tensor student, Tensor teacher)
    {
        var order = torch.tensor(new long[] { 2, 0, 3, 1 });
        TensorAssert.Near(
            loss(student, teacher), loss(student.index_select(0, order), teacher.index_select(0, order)), 1e-12);
        TensorAssert.Differ(loss(student, teacher), loss(student.index_select(0, order), teacher));
    }

    /// <summary>In single precision it gives a single, which is near.</summary>
    public static void SinglePrecisionIsNear(Func<Tensor, Tensor, Tensor> loss, Tensor student, Tensor teacher)
    {
        var (single, whole) = (torch.float32, torch.float64);
        Assert.Equal(whole, loss(student, teacher).dtype);
        var rounded = loss(student.to(single), teacher.to(single));
        Assert.Equal(single, rounded.dtype);
        TensorAssert.Near(loss(student, teacher), rounded.to(whole), 1e-5);
    }

    /// <summary>One scalar comes out; nothing else lives on, with or without a gradient.</summary>
    public static void OneTensorComesOut(Func<Tensor, Tensor, Tensor> loss, Tensor student, Tensor teacher)
    {
        var statistics = DisposeScopeManager.Statistics;
        student.requires_grad_(true);
        var before = statistics.ThreadTotalLiveCount;
        using (var value = loss(student, teacher))
        {
            Assert.Equal(before + 1, statistics.ThreadTotalLiveCount);
            value.backward();
        }

        Assert.Equal(before, statistics.ThreadTotalLiveCount);
    }
}
