using KdNotebooks.Interactive;

namespace KdNotebooks.Extensions.Tests.Interactive.Formatting;

public sealed class TensorFormatterTests
{
    [Fact]
    public void A_tensor_shows_its_shape_type_device_range_and_first_values()
    {
        using var tensor = torch.arange(100, dtype: torch.float32).reshape(10, 10);

        var text = Text(tensor);

        Assert.StartsWith("Tensor [10, 10] Float32 on cpu, from 0 to 99, mean 49.5\n", text);
        Assert.Contains("   0   1   2", text);
        Assert.EndsWith("... 52 more values", text);
    }

    [Fact]
    public void A_number_and_an_empty_tensor_are_shown_too()
    {
        using var number = torch.tensor(2.5);
        using var empty = torch.zeros(0, 3);
        using var truth = torch.tensor(new[] { true, false });

        Assert.StartsWith("Tensor [] Float64 on cpu, from 2.5 to 2.5", Text(number));
        Assert.Equal("Tensor [0, 3] Float32 on cpu", Text(empty));
        Assert.EndsWith("true  false", Text(truth));
    }

    [Fact]
    public void Showing_a_tensor_leaves_no_tensor_behind()
    {
        using var tensor = torch.zeros(3, 8, 8);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        _ = Text(tensor);

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_disposed_tensor_says_so_instead_of_failing()
    {
        var tensor = torch.zeros(2);
        tensor.Dispose();

        Assert.Contains("could not be shown", Text(tensor));
    }

    private static string Text(torch.Tensor tensor) => Formatters.Format(tensor).Data[MimeBundle.Text];
}
