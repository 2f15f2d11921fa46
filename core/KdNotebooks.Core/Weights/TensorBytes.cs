namespace KdNotebooks.Weights;

/// <summary>Sees the bytes of a tensor in pieces: a span ends at 2 GB, a tensor does not.</summary>
internal static class TensorBytes
{
    internal delegate void Visitor(Span<byte> piece, long offset);

    internal const int DefaultPiece = 8 << 20;

    /// <param name="tensor">Contiguous, on the CPU, without gradient.</param>
    /// <param name="visit">Gets each piece and where it begins; the span is dead when the call returns.</param>
    /// <param name="pieceLength">Bytes a piece at most, at least one element.</param>
    internal static void Visit(Tensor tensor, Visitor visit, int pieceLength = DefaultPiece)
    {
        using var flat = tensor.view(-1);
        var size = SafeTensorsDtype.SizeOf(tensor.dtype);
        var step = Math.Max(1, pieceLength / size);
        for (long first = 0, count = flat.NumberOfElements; first < count; first += step)
        {
            using var piece = flat.narrow(0, first, Math.Min(step, count - first));
            visit(piece.bytes, first * size);
        }
    }
}
