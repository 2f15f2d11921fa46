using KdNotebooks.Interactive;
using Microsoft.Data.Analysis;

namespace KdNotebooks.Extensions.Tests.Interactive.Formatting;

public sealed class DataFrameFormatterTests
{
    [Fact]
    public void Rows_are_capped_and_counted()
    {
        var frame = new DataFrame(new Int32DataFrameColumn("n", Enumerable.Range(1, 25)));

        var bundle = Formatters.Format(frame);

        Assert.Contains(
            "25 rows, 1 columns; 5 rows are not shown; sorting is among those that are", bundle.Data[MimeBundle.Html]);
        Assert.EndsWith("25 rows, 1 columns; 5 rows are not shown", bundle.Data[MimeBundle.Text]);
        Assert.DoesNotContain(">21</td>", bundle.Data[MimeBundle.Html]);
    }

    [Fact]
    public void Text_stands_in_columns_and_a_missing_value_is_named()
    {
        var frame = new DataFrame(
            new StringDataFrameColumn("method", ["none", "mlp-1"]),
            new DoubleDataFrameColumn("value", [81.23456789, null]));

        Assert.StartsWith(
            "method    value\nnone    81.2346\nmlp-1       n/a\n", Formatters.Format(frame).Data[MimeBundle.Text]);
    }

    [Fact]
    public void Names_and_cells_are_escaped()
    {
        var frame = new DataFrame(new StringDataFrameColumn(Samples.Hostile, [Samples.Hostile]));

        Assert.DoesNotContain("<script>alert", Formatters.Format(frame).Data[MimeBundle.Html]);
    }
}
