using KdNotebooks.Ops;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Losses;

/// <summary>What holds for every loss, or for many; student and teacher are four images in double precision.</summary>
internal static class LossChecks
{
    /// <summary>All that holds for every loss of maps: on the golden maps, [4, 6, 5, 5], and on small ones.</summary>
    /// <param name="small">Where the slope is taken, number by number; by default [2, 6, 2, 2].</param>
    public static void HoldsForMaps(Func<Tensor, Tensor, Tensor> loss, long[]? small = null)
    {
        small ??= [2, 6, 2, 2];
        HoldsFor(loss, Golden.StudentMap(), Golden.TeacherMap());
        var close = (Golden.TeacherMap() * 0.9) + (Golden.StudentMap() * 0.1); // where a loss is a small difference
        HalfPrecisionIsNear(loss, close, Golden.TeacherMap(), 0.01);
        GradientIsTheSlope(loss, Wave.Of(small), Wave.Of(small, 0.9));
        OneTensorComesOut(loss, Wave.Of(small), Wave.Of(small, 0.9));
    }

    /// <summary>What holds for every loss of maps whatever the maps; four images.</summary>
    /// <param name="half">How near bfloat16 comes, see <see cref="HalfPrecisionIsNear"/>.</param>
    public static void HoldsFor(
        Func<Tensor, Tensor, Tensor> loss, Tensor student, Tensor teacher, double half = 0.01)
    {
        // Copies where a check asks the inputs for gradients: the next one gets them as they came.
        OnlyTheStudentLearns(loss, student.clone(), teacher.clone());
        OneTensorComesOut(loss, student.clone(), teacher);
        TheBatchMayBePermuted(loss, student, teacher);
        TheLayoutDoesNotMatter(loss, student, teacher);
        SinglePrecisionIsNear(loss, student, teacher);
        HalfPrecisionIsNear(loss, student, teacher, half);
    }

    /// <summary>Shapes that do not fit are refused, with both in the message.</summary>
    public static void RefusesShapes(KdNotebooks.Losses.IFeatureLoss loss, long[] student, long[] teacher) =>
        Refuses(loss.GetType().Name, loss.Compute, student, teacher, "");

    /// <summary>The error begins as told.</summary>
    public static void Refuses(Func<object> act, string start) =>
        Assert.StartsWith(start, Assert.Throws<KdException>(act).Message);

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

    /// <summary>
    /// In bfloat16 it gives a bfloat16; it and its gradient are near those of the same (rounded) inputs in single.
    /// </summary>
    /// <param name="relative">Of the value and of the gradient's length; bfloat16 itself rounds to 1 in 256.</param>
    public static void HalfPrecisionIsNear(
        Func<Tensor, Tensor, Tensor> loss, Tensor student, Tensor teacher, double relative)
    {
        var (half, inHalf) = (student.detach().to(torch.bfloat16), teacher.detach().to(torch.bfloat16));
        var (value, gradient) = Run(half, inHalf);
        Assert.Equal((torch.bfloat16, torch.bfloat16), (value.dtype, gradient.dtype));
        var (expected, slope) = Run(half.to(torch.float32), inHalf.to(torch.float32));
        TensorAssert.Near(expected, value.to(torch.float32), relative);
        var error = (gradient.to(torch.float32) - slope).norm().ToDouble() / slope.norm().ToDouble();
        Assert.True(error <= relative, $"The gradient is {error:P1} off.");

        (Tensor Value, Tensor Gradient) Run(Tensor ours, Tensor theirs)
        {
            var leaf = ours.clone().requires_grad_(true);
            var result = loss(leaf, theirs);
            result.backward();
            return (result, leaf.grad!);
        }
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

    /// <summary>Equal inputs give 0 and a gradient of 0, to a tolerance.</summary>
    public static void EqualInputsLoseNothing(
        Func<Tensor, Tensor, Tensor> loss, Tensor input, double value = 1e-12, double gradient = 1e-12)
    {
        var student = input.detach().clone().requires_grad_(true);
        var zero = loss(student, input);
        zero.backward();
        Assert.Equal(0, zero.ToDouble(), value);
        Assert.Equal(0, student.grad!.abs().max().ToDouble(), gradient);
    }

    /// <summary>Maps in channels-last give what contiguous ones give, also where only one of them is.</summary>
    public static void TheLayoutDoesNotMatter(Func<Tensor, Tensor, Tensor> loss, Tensor student, Tensor teacher)
    {
        var expected = loss(student, teacher);
        TensorAssert.Near(expected, loss(ChannelsLast.Of(student), ChannelsLast.Of(teacher)), 1e-12);
        TensorAssert.Near(expected, loss(ChannelsLast.Of(student), teacher), 1e-12);
    }

    /// <summary>A change of the student's map does not matter, although it is one.</summary>
    public static void DoesNotMind(
        Func<Tensor, Tensor> change, Func<Tensor, Tensor, Tensor> loss, Tensor student, Tensor teacher,
        double relative = 1e-10)
    {
        TensorAssert.Differ(student, change(student));
        TensorAssert.Near(loss(student, teacher), loss(change(student), teacher), relative);
    }

    /// <summary>Features [N, D] after a rotation and a reflection, neither along an axis.</summary>
    public static Tensor Rotated(Tensor features)
    {
        var rotated = features;
        foreach (var step in new[] { 0.7, 1.9, 2.3 })
        {
            // Mirrored at the plane across v: x - 2 (x . v) v / |v|^2.
            var normal = Wave.Of([features.shape[1], 1], step);
            rotated = rotated - (rotated.mm(normal).mm(normal.t()) * (2 / normal.square().sum().ToDouble()));
        }

        return rotated;
    }

    /// <summary>Value and gradient are finite, and no element of the gradient is above a bound.</summary>
    public static void StaysFinite(
        Func<Tensor, Tensor, Tensor> loss, Tensor student, Tensor teacher, double bound = double.MaxValue)
    {
        var at = student.detach().clone().requires_grad_(true);
        var value = loss(at, teacher);
        value.backward();
        Assert.True(double.IsFinite(value.ToDouble()), $"The loss is {value.ToDouble()}.");
        Assert.True(at.grad!.isfinite().all().item<bool>(), "The gradient is not finite.");
        Assert.InRange(at.grad!.abs().max().ToDouble(), 0, bound);
    }

    /// <summary>Inputs of these shapes are refused, with both shapes in the message.</summary>
    public static void Refuses(
        string name, Func<Tensor, Tensor, Tensor> loss, long[] student, long[] teacher, string because)
    {
        var error = Assert.Throws<KdException>(() => loss(torch.zeros(student), torch.zeros(teacher)));
        Assert.StartsWith(
            $"{name}: student [{string.Join(", ", student)}] and teacher [{string.Join(", ", teacher)}] {because}",
            error.Message);
    }

    /// <summary>An option out of range is refused, by its name and value.</summary>
    public static void RefusesOption(string message, Func<Tensor, Tensor, Tensor> loss, Tensor student, Tensor teacher)
    {
        var error = Assert.Throws<KdException>(() => loss(student, teacher));
        Assert.StartsWith(message, error.Message);
    }
}
