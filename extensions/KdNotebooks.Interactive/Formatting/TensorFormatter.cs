using System.Globalization;
using System.Text;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>A tensor's shape, type, device, range and first values; never the whole of it.</summary>
internal static class TensorFormatter
{
    private const int MostRows = 6;
    private const int MostColumns = 8;

    public static MimeBundle Format(torch.Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.no_grad();
        var facts = $"Tensor [{string.Join(", ", tensor.shape)}] {tensor.dtype} on {tensor.device}";
        if (tensor.numel() == 0 || tensor.device_type == DeviceType.META || tensor.is_sparse)
        {
            return MimeBundle.OfText(facts);
        }

        var rows = Preview(tensor);
        facts += Range(tensor);
        var more = LeftOut(tensor, rows);
        var text = facts + "\n" + string.Join('\n', Aligned(rows)) + (more.Length > 0 ? "\n  " + more : "");
        var pictures = TensorImages.Of(tensor) is { } images ? ImageGridFormatter.Format(images) : null;
        var bundle = MimeBundle.OfHtml(Html(facts, rows, more, pictures?.Data[MimeBundle.Html]), text);
        return pictures is null ? bundle : bundle.With(MimeBundle.Png, pictures.Data[MimeBundle.Png]);
    }

    // The numbers are folded away where there is a picture to look at.
    private static string Html(string facts, List<List<string>> rows, string more, string? pictures)
    {
        var html = new StringBuilder(HtmlStyle.Element).Append(HtmlText.Of($"<p class=\"kd-head\">{facts}</p>"));
        html.Append(pictures).Append(pictures is null ? "" : "<details><summary>Numbers</summary>");
        html.Append(HtmlStyle.TableStart).Append("<tbody>");
        foreach (var row in rows)
        {
            html.Append("<tr>").AppendJoin("", row.Select(cell => HtmlText.Of($"<td>{cell}</td>"))).Append("</tr>");
        }

        html.Append(HtmlText.Of($"</tbody></table></div><p class=\"kd-note\">{more}</p>"));
        return html.Append(pictures is null ? "" : "</details>").ToString();
    }

    // Only numbers have an order; a complex tensor has none.
    private static string Range(torch.Tensor tensor)
    {
        if (tensor.is_complex() || tensor.dtype == torch.ScalarType.Bool)
        {
            return "";
        }

        var numbers = tensor.to(torch.float64);
        return $", from {Number(numbers.min())} to {Number(numbers.max())}, mean {Number(numbers.mean())}";
    }

    // The upper left corner of the first slice: [.., r, c] -> at most [6, 8].
    private static List<List<string>> Preview(torch.Tensor tensor)
    {
        var slice = tensor;
        while (slice.dim() > 2)
        {
            slice = slice[0];
        }

        slice = slice.dim() == 2 ? slice : slice.reshape(1, -1);
        var (rows, columns) = (Math.Min(MostRows, slice.shape[0]), Math.Min(MostColumns, slice.shape[1]));
        var corner = slice[..(int)rows, ..(int)columns];
        return [.. Enumerable.Range(0, (int)rows).Select(row => Enumerable.Range(0, (int)columns)
            .Select(column => Number(corner[row, column])).ToList())];
    }

    private static IEnumerable<string> Aligned(List<List<string>> rows)
    {
        var width = rows.SelectMany(row => row).Max(cell => cell.Length);
        return rows.Select(row => "  " + string.Join("  ", row.Select(cell => cell.PadLeft(width))));
    }

    private static string LeftOut(torch.Tensor tensor, List<List<string>> rows)
    {
        var more = tensor.numel() - rows.Sum(row => row.Count);
        return more > 0 ? $"... {more} more values" : "";
    }

    private static string Number(torch.Tensor value) =>
        value.is_complex() ? value.ToScalar().ToComplexFloat64().ToString()
        : value.dtype == torch.ScalarType.Bool ? value.ToBoolean() ? "true" : "false"
        : value.to(torch.float64).ToDouble().ToString("G5", CultureInfo.InvariantCulture);
}
