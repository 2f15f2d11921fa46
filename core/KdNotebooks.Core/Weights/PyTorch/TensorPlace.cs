using KdNotebooks.Runtime;

namespace KdNotebooks.Weights.PyTorch;

/// <summary>
/// Compares a tensor's description with the file: sizes, strides and offset lie in its storage, and the storage in the file.
/// </summary>
internal static class TensorPlace
{
    private const int MostDimensions = 64;

    /// <summary>What is wrong, as in "ends at element 12 of a storage of 10"; null where nothing is.</summary>
    /// <param name="fileLength">
    /// In bytes: a stride of 0 repeats what is there once, and a tensor that is longer than its whole file is no weight.
    /// </param>
    public static string? Fault(PickledTensor tensor, ITorchArchive archive, long fileLength)
    {
        var (storage, type) = (tensor.Storage!, tensor.Type!);
        if (tensor.Shape.Length != tensor.Strides.Length || tensor.Shape.Length > MostDimensions)
        {
            return $"has {tensor.Shape.Length} sizes and {tensor.Strides.Length} strides; expected as many, "
                + $"{MostDimensions} at most";
        }

        if (tensor.Shape.Any(size => size < 0) || tensor.Strides.Any(stride => stride < 0) || tensor.Offset < 0)
        {
            return $"has sizes {Text(tensor.Shape)}, strides {Text(tensor.Strides)} and offset {tensor.Offset}; expected "
                + "none below 0";
        }

        if (archive.Length(storage.Key) is not { } length)
        {
            return $"is in storage '{Printable.Of(storage.Key)}', which the file does not have";
        }

        if (length != storage.Whole * storage.Type.Size)
        {
            return $"is in storage '{Printable.Of(storage.Key)}' of {storage.Whole} x {storage.Type.Size} bytes, and the file "
                + $"has {length} of it";
        }

        try
        {
            return checked(Within(tensor, storage.Count * storage.Type.Size / type.Size, fileLength));
        }
        catch (OverflowException)
        {
            return $"has sizes {Text(tensor.Shape)} and strides {Text(tensor.Strides)}, which take more than 2^63 bytes";
        }
    }

    /// <summary>One behind the last element that a tensor has of its storage.</summary>
    public static long End(PickledTensor tensor) => tensor.Shape.Contains(0) ? tensor.Offset : checked(
        tensor.Offset + tensor.Shape.Zip(tensor.Strides, (size, stride) => checked((size - 1) * stride)).Sum() + 1);

    private static string? Within(PickledTensor tensor, long count, long fileLength)
    {
        // Strides are products too, and count an empty dimension as one: they have to fit as well.
        _ = tensor.Shape.Aggregate((long)tensor.Type!.Size, (product, size) => checked(product * Math.Max(1, size)));
        var bytes = tensor.Shape.Aggregate((long)tensor.Type!.Size, (product, size) => checked(product * size));
        return End(tensor) > count ? $"ends at element {End(tensor)} of a storage of {count}"
            : bytes > fileLength ? $"takes {bytes} bytes, and its whole file has {fileLength}: its strides repeat what is there"
            : null;
    }

    private static string Text(long[] numbers) => NameList.Short($"[{string.Join(", ", numbers)}]");
}
