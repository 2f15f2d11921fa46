using KdNotebooks.Interactive;
using KdNotebooks.Interactive.Formatting;
using Microsoft.Data.Analysis;

namespace KdNotebooks.Extensions.Tests.Interactive.Formatting;

public sealed class SortableTableTests
{
    [Fact]
    public void Every_head_of_a_data_frame_is_a_button_and_numbers_sort_by_their_value()
    {
        var frame = new DataFrame(
            new StringDataFrameColumn("name", ["a", "b"]), new DoubleDataFrameColumn("value", [1.23456789, null]));

        var html = Formatters.Format(frame).Data[MimeBundle.Html];

        Assert.Equal(3, html.Split("<button type=\"button\" class=\"kd-sort\">").Length);
        Assert.Contains("data-sort=\"1.23456789\">1.23457</td>", html);
        Assert.Contains("data-sort=\"\">n/a</td>", html);
        Assert.EndsWith(SortableTable.Element, html);
    }

    [Fact]
    public void A_result_table_sorts_by_unrounded_numbers() => Assert.Contains(
        $"data-sort=\"{(81 + 82 + 83.0001) / 3:R}\">82.00</td>",
        Formatters.Format(Samples.Table()).Data[MimeBundle.Html]);

    [Fact]
    public void The_script_can_stand_in_a_page() =>
        Assert.DoesNotContain("</script", SortableTable.Script, StringComparison.OrdinalIgnoreCase);
}
