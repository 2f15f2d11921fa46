using System.Text.Json;

namespace KdNotebooks.Tests.Losses;

/// <summary>
/// Numbers of the reference implementations and the tensors they belong to, float64. The file says where they come from
/// and how its inputs are made.
/// </summary>
internal static class Golden
{
    private static readonly JsonElement File = JsonDocument.Parse(System.IO.File.ReadAllText(
        Path.Combine(AppContext.BaseDirectory, "Losses", "golden", "losses.json"))).RootElement;

    public static Tensor StudentMap() =>
        Wave.Of(Shape("feature_shape"), Number("student", "a"), Number("student", "b"));

    public static Tensor TeacherMap() =>
        Wave.Of(Shape("feature_shape"), Number("teacher", "a"), Number("teacher", "b"));

    /// <summary>Of twice the height and width: [N, C, 2H, 2W].</summary>
    public static Tensor TwiceAsLargeStudentMap() => Wave.Of(
        [.. Shape("feature_shape")[..2], .. Shape("feature_shape")[2..].Select(size => 2 * size)],
        Number("student", "a") / 3, Number("student", "b"));

    /// <summary>The map's spatial means [N, C]; gradients are with respect to these.</summary>
    public static Tensor StudentFeatures() => StudentMap().mean([2, 3]);

    public static Tensor TeacherFeatures() => TeacherMap().mean([2, 3]);

    public static Tensor StudentLogits() =>
        Wave.Of(Shape("logits"), 2 * Number("student", "a"), Number("student", "b"), 3);

    public static Tensor TeacherLogits() =>
        Wave.Of(Shape("logits"), 2 * Number("teacher", "a"), Number("teacher", "b"), 3);

    public static Tensor Labels() => torch.tensor(Shape("target"));

    /// <summary>The loss and the L2 norm of its gradient are the file's, to 1e-9 of their size.</summary>
    public static void Check(string key, Func<Tensor, Tensor, Tensor> loss, Tensor student, Tensor teacher)
    {
        student.requires_grad_(true);
        var value = loss(student, teacher);
        value.backward();
        Assert.Empty(value.shape);
        Near(Result(key, "loss"), value.ToDouble());
        Near(Result(key, "grad_l2"), student.grad!.norm().ToDouble());
    }

    private static void Near(double expected, double actual) =>
        Assert.Equal(expected, actual, 1e-9 * Math.Abs(expected));

    private static double Result(string key, string number) =>
        File.GetProperty("results").GetProperty(key).GetProperty(number).GetDouble();

    private static double Number(string group, string name) => File.GetProperty(group).GetProperty(name).GetDouble();

    private static long[] Shape(string name) => [.. File.GetProperty(name).EnumerateArray().Select(n => n.GetInt64())];
}
