using KdNotebooks.Invariants;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Invariants;

public sealed class SmallTensorTests
{
    [Fact]
    public void A_row_says_where_it_is_and_columns_stand_below_each_other() => Assert.Equal(
        "student [2, 1, 1, 2]\n  [0, 0, 0, :]     1  -2.5\n  [1, 0, 0, :]  0.25     0",
        new SmallTensor("student", [2, 1, 1, 2], [1, -2.5, 0.25, -0.0]).ToString());

    [Fact]
    public void A_place_counts_along_every_axis() => Assert.Equal(
        ["[0, 0, :]  0", "[0, 1, :]  1", "[0, 2, :]  2", "[1, 0, :]  3", "[1, 1, :]  4", "[1, 2, :]  5"],
        new SmallTensor("x", [2, 3, 1], [0, 1, 2, 3, 4, 5]).Rows);

    [Fact]
    public void One_axis_is_one_row_and_a_number_has_no_shape()
    {
        Assert.Equal("order [3]\n  2  0  1", new SmallTensor("order", [3], [2, 0, 1]).ToString());
        Assert.Equal("factor\n  0.5", new SmallTensor("factor", [], [0.5]).ToString());
    }

    [Theory]
    [InlineData(1e-9 / 3, "3.33333E-10")]
    [InlineData(1234567, "1.23457E+06")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.NegativeInfinity, "-Infinity")]
    public void Numbers_have_six_digits(double value, string text) => Assert.Equal(text, SmallTensor.Number(value));

    [Fact]
    public void Of_a_tensor_that_is_not_small_the_first_rows_and_columns_are_shown()
    {
        var rows = new SmallTensor("x", [30, 20], new double[600]).Rows;
        Assert.Equal(25, rows.Count);
        Assert.Equal("[0, :]  " + string.Join("  ", Enumerable.Repeat("0", 12)) + "  ...", rows[0]);
        Assert.Equal("... 6 more rows", rows[^1]);
    }

    [Fact]
    public void A_tensor_of_nothing_has_no_rows() => Assert.Empty(new SmallTensor("x", [2, 0], []).Rows);

    [Fact]
    public void Values_that_do_not_fill_the_shape_are_refused()
    {
        var error = Assert.Throws<KdException>(() => new SmallTensor("x", [2, 2], [1, 2, 3]));
        Assert.Equal("Tensor 'x': 3 values for the shape [2, 2]; expected one for each element.", error.Message);
    }
}
