using KdNotebooks.Runtime;

namespace KdNotebooks.Weights;

/// <summary>
/// The tensors of a file lie side by side and fill its data exactly. So no byte is read as two tensors, nothing can
/// hide between them, and loading a file never takes more memory than the file is long.
/// </summary>
internal static class SafeTensorsCoverage
{
    /// <exception cref="KdException">Names the first tensor that lies outside, overlaps or leaves a gap.</exception>
    internal static void Require(string file, IEnumerable<SafeTensorsInfo> tensors, long dataLength)
    {
        var (previous, end) = ("", 0L);
        foreach (var tensor in tensors.OrderBy(tensor => tensor.Begin).ThenBy(tensor => tensor.End))
        {
            if (Fault(tensor, previous, end, dataLength) is { } fault)
            {
                throw new KdException($"{file}: tensor '{NameList.Short(tensor.Name)}': {fault}");
            }

            (previous, end) = (NameList.Short(tensor.Name), tensor.End);
        }

        if (end != dataLength)
        {
            throw new KdException(
                $"{file}: {dataLength - end} bytes follow the last tensor{(previous == "" ? "" : $", '{previous}'")}; "
                + "expected the file to end there.");
        }
    }

    private static string? Fault(SafeTensorsInfo tensor, string previous, long end, long dataLength) => tensor switch
    {
        _ when tensor.End > dataLength =>
            $"ends at byte {tensor.End} of the data, but the file has {dataLength}; it is cut off: fetch it again.",
        _ when tensor.Begin < end =>
            $"begins at byte {tensor.Begin}, but '{previous}' before it ends at {end}: overlap.",
        _ when tensor.Begin > end =>
            $"begins at byte {tensor.Begin}, but bytes from {end} belong to no tensor: gap.",
        _ => null,
    };
}
