using System.Globalization;

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
        var text = facts + Range(tensor) + "\n" + string.Join('\n', Aligned(rows)) + LeftOut(tensor, rows);
        return MimeBundle.OfText(text);
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
        return more > 0 ? $"\n  ... {more} more values" : "";
    }

    private static string Number(torch.Tensor value) =>
        value.is_complex() ? value.ToScalar().ToComplexFloat64().ToString()
        : value.dtype == torch.ScalarType.Bool ? value.ToBoolean() ? "true" : "false"
        : value.to(torch.float64).ToDouble().ToString("G5", CultureInfo.InvariantCulture);
}
