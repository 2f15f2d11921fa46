namespace KdNotebooks.Weights;

/// <summary>What the header of a safetensors file says of one tensor.</summary>
/// <param name="Dtype">The element type.</param>
/// <param name="Shape">Outermost dimension first; empty for a scalar.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">One past the last byte, counted from the end of the header.</param>
public sealed record SafeTensorsInfo(
    string Name, torch.ScalarType Dtype, IReadOnlyList<long> Shape, long Begin, long End) : TensorInfo(Name, Dtype, Shape)
{
    /// <summary>Bytes of data.</summary>
    public long Length => End - Begin;
}
