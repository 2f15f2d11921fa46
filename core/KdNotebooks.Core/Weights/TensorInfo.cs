namespace KdNotebooks.Weights;

/// <summary>What a file says of one tensor.</summary>
/// <param name="Dtype">The element type.</param>
/// <param name="Shape">Outermost dimension first; empty for a scalar.</param>
public record TensorInfo(string Name, torch.ScalarType Dtype, IReadOnlyList<long> Shape);
