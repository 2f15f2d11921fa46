using System.Runtime.InteropServices;
using KdNotebooks.Native;

namespace KdNotebooks.Tests.Native;

/// <summary>Each of these ended the process: libtorch's exception went through TorchSharp uncaught.</summary>
public sealed class NativeGuardsTests
{
    private static readonly Dictionary<string, (long[] Left, long[] Right, string Says)> Wrong = new()
    {
        ["rows"] = ([2, 3], [2, 3], "matmul: [2, 3] by [2, 3]: the left one's last size (3) and the right one's last but one (2) differ; transpose the right one (`.t()`)."),
        ["vectors"] = ([4], [5], "the left one's last size (4) and the right one's only (5) differ."),
        ["a vector first"] = ([4], [3, 4], "(4) and the right one's last but one (3) differ; transpose"),
        ["a vector last"] = ([3, 4], [3], "(4) and the right one's only (3) differ"),
        ["batches"] = ([2, 3, 4], [5, 4, 6], "the sizes before the last two, 2 and 5, differ"),
        ["outer batches"] = ([7, 1, 3, 4], [6, 2, 4, 5], "the sizes before the last two, 7 and 6, differ"),
        ["a number"] = ([], [3, 4], "a number has no matrix product"),
        ["nothing"] = ([2, 0], [3, 2], "(0) and the right one's last but one (3) differ"),
    };

    public static TheoryData<string> Names => [.. Wrong.Keys];

    public static TheoryData<long[], long[]> Fitting => new()
    {
        { [2, 3], [3, 5] }, { [4], [4] }, { [4], [4, 2] }, { [3, 4], [4] }, { [2, 3, 4], [4, 5] },
        { [2, 3, 4], [1, 4, 5] }, { [7, 1, 3, 4], [2, 4, 5] }, { [3, 4], [6, 4, 5] }, { [0, 3], [3, 2] },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void A_matrix_product_that_does_not_fit_is_an_exception_that_names_both_shapes(string name)
    {
        Assert.True(NativeLibraries.Status.CallsAreGuarded);
        var (left, right, says) = Wrong[name];
        using var scope = torch.NewDisposeScope();

        var error = Assert.Throws<ExternalException>(() => torch.matmul(torch.ones(left), torch.ones(right)));

        Assert.Contains(says, error.Message);
        Assert.Equal(6, torch.ones(2, 3).sum().item<float>()); // no message is left behind
    }

    [Theory]
    [MemberData(nameof(Fitting))]
    public void One_that_fits_is_libtorchs(long[] left, long[] right)
    {
        using var scope = torch.NewDisposeScope();
        var (a, b) = (torch.rand(left, dtype: torch.float64), torch.rand(right, dtype: torch.float64));

        var product = torch.matmul(a, b);

        // The same by sums of products: no call that is guarded.
        var (rows, columns) = (left.Length == 1 ? a.unsqueeze(0) : a, right.Length == 1 ? b.unsqueeze(1) : b);
        var sums = (rows.unsqueeze(-1) * columns.unsqueeze(-3)).sum(-2);
        Assert.True(product.reshape(-1).allclose(sums.reshape(-1)));
    }

    [Fact]
    public void Types_that_differ_or_have_no_product_are_refused()
    {
        using var scope = torch.NewDisposeScope();

        Assert.Contains("of type Float32 and Float64", Message(() => torch.ones(2, 2).matmul(torch.ones(2, 2, dtype: torch.float64))));
        Assert.Contains("no matrices of Bool", Message(() => torch.ones(2, 2, dtype: torch.@bool).matmul(torch.ones(2, 2, dtype: torch.@bool))));
        Assert.Equal(8, torch.ones(2, 2, dtype: torch.int64).matmul(torch.ones(2, 2, dtype: torch.int64)).sum().item<long>());
    }

    [Fact]
    public void Cumulative_extremes_along_a_dimension_that_is_not_there_are_refused()
    {
        using var scope = torch.NewDisposeScope();

        Assert.Contains("cummax: dimension 2 of [2, 3]; expected -2 to 1.", Message(() => torch.ones(2, 3).cummax(2)));
        Assert.Contains("cummin: dimension -3 of [2, 3]", Message(() => torch.ones(2, 3).cummin(-3)));
        Assert.Contains("complex numbers have no order", Message(() => torch.ones(2, dtype: torch.complex64).cummin(0)));
        Assert.Equal([1f, 1, 2], torch.tensor(new float[] { 1, 0, 2 }).cummax(-1).values.data<float>().ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-4)]
    public void No_thread_is_not_a_number_of_threads(int count) =>
        Assert.Contains($"{count} threads; expected at least 1", Message(() => torch.set_num_threads(count)));

    [Fact]
    public void Threads_between_operations_are_not_let_through() =>
        Assert.Contains("takes this once", Message(() => torch.set_num_interop_threads(2)));

    [Fact]
    public async Task A_message_belongs_to_the_thread_that_asked()
    {
        var wrong = Enumerable.Range(1, 8).Select(size => Task.Run(() =>
        {
            for (var i = 0; i < 200; i++)
            {
                using var scope = torch.NewDisposeScope();
                Assert.Contains($"[2, {size}]", Message(() => torch.ones(2, size).matmul(torch.ones(size + 1, 2))));
            }
        }));

        await Task.WhenAll(wrong);
    }

    private static string Message(Func<object?> call) => Assert.Throws<ExternalException>(call).Message;

    private static string Message(Action call) => Assert.Throws<ExternalException>(call).Message;
}
