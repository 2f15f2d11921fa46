using System.Security.Cryptography;
using KdNotebooks.Runtime;

namespace KdNotebooks.Weights;

/// <summary>Writes safetensors, the exchange format for named tensors (github.com/safetensors/safetensors).</summary>
/// <remarks>
/// Written by hand: the libraries for .NET check neither gaps nor overlaps nor sizes, and read through intermediate
/// copies. <see cref="SafeTensorsFile"/> reads.
/// </remarks>
public static class SafeTensors
{
    private delegate void Sink(ReadOnlySpan<byte> bytes);

    /// <summary>
    /// Writes named tensors. The same names, values and metadata give the same bytes, whatever the order of the
    /// dictionary, the strides and the device. The file is replaced whole or, on an error, not at all.
    /// </summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="tensors">F16, BF16, F32, F64, I8, I16, I32, I64, U8 or BOOL; written row-major.</param>
    /// <param name="metadata">Free text by name; none by default.</param>
    /// <exception cref="Runtime.KdException">
    /// A tensor's type or layout, or a name, cannot be held by the format, or the file cannot be written.
    /// </exception>
    public static void Write(
        string path,
        IReadOnlyDictionary<string, Tensor> tensors,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        // Before the file is opened: what cannot be held is refused without touching the disk.
        var layout = SafeTensorsLayout.Create(path, tensors, metadata);
        AtomicFile.Write(path, stream => Emit(layout, stream.Write));
    }

    /// <summary>SHA-256 (lower-case hexadecimal) of the file that <see cref="Write"/> makes without metadata.</summary>
    /// <exception cref="Runtime.KdException">A tensor or a name cannot be held by the format.</exception>
    public static string Fingerprint(IReadOnlyDictionary<string, Tensor> tensors)
    {
        var layout = SafeTensorsLayout.Create("fingerprint", tensors, null);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Emit(layout, hash.AppendData);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Emit(SafeTensorsLayout layout, Sink sink)
    {
        sink(layout.Header);
        foreach (var tensor in layout.InDataOrder)
        {
            // One scope a tensor: at most one copy (to the CPU, to row-major) is alive at a time.
            using var scope = torch.NewDisposeScope();
            TensorBytes.Visit(tensor.detach().cpu().contiguous(), (piece, _) => sink(piece));
        }
    }
}
